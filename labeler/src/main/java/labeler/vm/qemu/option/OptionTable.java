package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.creates;
import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.readsByName;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.option.Option.Handler;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * Every option of qemu 10.0, on all of its targets, and what it does with files. To teach the parser an option, add its
 * row.
 */
final class OptionTable {
    private static final Handler NO_FILE = (_, _) -> {};

    private static final Map<String, Option> OPTIONS = Stream.of(
                    disks(), boot(), machine(), characterDevices(), otherDevices(), logs(), refused(), withoutFiles())
            .flatMap(List::stream)
            .collect(Collectors.toUnmodifiableMap(Option::name, Function.identity()));

    /** An argument that is no option is the first hard disk. */
    static final Option BARE_ARGUMENT = new Option("", false, true, false, drive("index=0,media=disk"));

    private OptionTable() {}

    static Optional<Option> option(String name) {
        return Optional.ofNullable(OPTIONS.get(name));
    }

    static Collection<Option> all() {
        return OPTIONS.values();
    }

    private static List<Option> disks() {
        return List.of(
                many(
                        "drive",
                        (option, parsing) -> parsing.drives().drive(option.place(), Settings.parse(option.argument()))),
                many("blockdev", (option, parsing) -> parsing.drives().blockdev(option.place(), option.argument())),
                one("hda", drive("index=0,media=disk")),
                one("hdb", drive("index=1,media=disk")),
                one("hdc", drive("index=2,media=disk")),
                one("hdd", drive("index=3,media=disk")),
                one("cdrom", drive("index=2,media=cdrom")),
                one("fda", drive("if=floppy,index=0")),
                one("fdb", drive("if=floppy,index=1")),
                many("mtdblock", drive("if=mtd")),
                many("sd", drive("if=sd")),
                many("pflash", drive("if=pflash")),
                flag("snapshot", (_, parsing) -> parsing.drives().snapshotAll()));
    }

    private static List<Option> boot() {
        return List.of(
                one("kernel", file(FileRole.KERNEL, UseAccess.READ_ONLY)),
                one(
                        "initrd",
                        (option, parsing) ->
                                Machine.initrd(FilePlace.whole(option, new Takes.Copy()), option.argument(), parsing)),
                one("shim", file(FileRole.SHIM, UseAccess.READ_ONLY)),
                one("dtb", file(FileRole.DEVICE_TREE, UseAccess.READ_ONLY)),
                one(
                        "bios",
                        (option, parsing) -> parsing.directories()
                                .search(
                                        FilePlace.whole(option, new Takes.Copy()),
                                        FileRole.FIRMWARE,
                                        option.argument())),
                many("option-rom", keys("romfile", new KeyTable(Map.of("romfile", KeyMeaning.firmware(FileRole.ROM))))),
                many("L", Machine::dataDirectory),
                many("boot", keys("order", Machine.BOOT)),
                many("fw_cfg", keys("name", Machine.FW_CFG)),
                many("smbios", keys("", SmallKeyTables.SMBIOS)),
                many("acpitable", keys("", SmallKeyTables.ACPI)),
                one("append", NO_FILE));
    }

    private static List<Option> machine() {
        return List.of(
                many("machine", Machine::machine),
                many("M", Machine::machine),
                many("accel", Machine::accelerator),
                flag("enable-kvm", (_, parsing) -> parsing.accelerator("kvm")),
                many("object", Objects::object),
                one("mem-path", file(FileRole.MEMORY, UseAccess.CREATE)),
                one("incoming", ProcessOptions::incoming),
                many("run-with", keys("", Machine.RUN_WITH)),
                one(
                        "pidfile",
                        (option, parsing) -> parsing.out()
                                .made(
                                        option.origin(),
                                        FileRole.PID_FILE,
                                        ByteText.bytes(option.argument()),
                                        "qemu makes it, and removes it when it ends")));
    }

    private static List<Option> characterDevices() {
        return List.of(
                many("chardev", CharacterDevices::chardev),
                old("serial", true),
                old("parallel", true),
                old("monitor", true),
                old("qmp", true),
                old("qmp-pretty", true),
                old("gdb", false),
                old("debugcon", false));
    }

    private static List<Option> otherDevices() {
        return List.of(
                many("device", Devices::device),
                many("global", Devices::global),
                many("set", Devices::set),
                many("netdev", Networks::netdev),
                many("nic", Networks::netdev),
                many("net", Networks::netdev),
                many("tpmdev", keys("type", SmallKeyTables.TPM)),
                many("audiodev", either("driver", SmallKeyTables.AUDIO)),
                many("audio", keys("driver", SmallKeyTables.AUDIO)),
                many("fsdev", keys("fsdriver", SmallKeyTables.FILE_SYSTEM)),
                many("virtfs", keys("fsdriver", SmallKeyTables.FILE_SYSTEM)),
                many("display", Displays::display),
                many("vnc", Displays::vnc),
                many("spice", Displays::spice),
                many("usbdevice", Displays::usbDevice));
    }

    private static List<Option> logs() {
        return List.of(
                one("D", ProcessOptions::logFile),
                one("dump-vmstate", file(FileRole.LOG, UseAccess.CREATE)),
                many(
                        "trace",
                        keys(
                                "enable",
                                new KeyTable(Map.of(
                                        "events",
                                        readsByName(FileRole.CONFIGURATION),
                                        "file",
                                        creates(FileRole.LOG),
                                        "enable",
                                        none())))),
                one("icount", keys("shift", new KeyTable(Map.of("rrfile", creates(FileRole.LOG))))),
                flag(
                        "perfmap",
                        refuse("qemu writes to a file in /tmp that has the process's id in its name", "leave it out")),
                flag("jitdump", refuse("qemu writes to a file that has the process's id in its name", "leave it out")));
    }

    private static List<Option> refused() {
        return List.of(
                many("readconfig", refuse("options in a file, which is not read here", "write them out")),
                many(
                        "add-fd",
                        refuse(
                                "a descriptor, of which only its opener knows the file",
                                "name the file itself: labeler passes descriptors where they are needed")),
                many("plugin", refuse("code that qemu loads", "leave it out")),
                one("chroot", refuse("qemu then sees other files under the same names", "leave it out")),
                flag("semihosting", refuse("it opens the host's files to the guest", "leave it out")),
                many("semihosting-config", refuse("it opens the host's files to the guest", "leave it out")));
    }

    /** Those that name no file; also of other targets, and of qemu 5.0 and later. */
    private static List<Option> withoutFiles() {
        Stream<Option> flags = Stream.of(
                        "S",
                        "s",
                        "h",
                        "help",
                        "version",
                        "daemonize",
                        "enable-sync-profile",
                        "full-screen",
                        "mem-prealloc",
                        "no-fd-bootchk",
                        "no-reboot",
                        "no-shutdown",
                        "no-user-config",
                        "nodefaults",
                        "nographic",
                        "old-param",
                        "only-migratable",
                        "preconfig",
                        "usb",
                        "win2k-hack",
                        "xen-attach",
                        "xen-domid-restrict",
                        "no-acpi",
                        "no-hpet",
                        "singlestep",
                        "async-teardown",
                        "nodefconfig",
                        "portrait",
                        "no-quit",
                        "sdl",
                        "curses")
                .map(name -> flag(name, NO_FILE));
        Stream<Option> arguments = Stream.of(
                        "action",
                        "compat",
                        "cpu",
                        "d",
                        "dfilter",
                        "echr",
                        "g",
                        "iscsi",
                        "k",
                        "loadvm",
                        "m",
                        "mon",
                        "msg",
                        "name",
                        "numa",
                        "overcommit",
                        "prom-env",
                        "rtc",
                        "sandbox",
                        "seed",
                        "smp",
                        "uuid",
                        "vga",
                        "watchdog",
                        "watchdog-action",
                        "xen-domid",
                        "runas",
                        "rotate",
                        "tb-size")
                .map(name -> many(name, NO_FILE));
        return Stream.concat(flags, arguments).toList();
    }

    private static Option many(String name, Handler handler) {
        return new Option(name, true, true, false, handler);
    }

    private static Option one(String name, Handler handler) {
        return new Option(name, true, false, false, handler);
    }

    private static Option old(String name, boolean repeats) {
        return new Option(name, true, repeats, true, CharacterDevices::old);
    }

    private static Option flag(String name, Handler handler) {
        return new Option(name, false, false, false, handler);
    }

    /** The whole argument is the name. */
    private static Handler file(FileRole role, UseAccess access) {
        Takes takes = access == UseAccess.READ_ONLY ? new Takes.Copy() : new Takes.NameAlone();
        return (option, parsing) ->
                parsing.files().file(FilePlace.whole(option, takes), role, option.argument(), access);
    }

    /** The settings that qemu's main() makes of the short form. The whole argument is the name; commas are a part of it. */
    private static Handler drive(String settings) {
        return (option, parsing) ->
                parsing.drives().drive(option.place(), Settings.parse(settings).with("file", option.argument()));
    }

    private static Handler keys(String impliedKey, KeyTable table) {
        return (option, parsing) -> table.declare(option, Argument.inSettings(option.argument(), impliedKey), parsing);
    }

    private static Handler either(String impliedKey, KeyTable table) {
        return (option, parsing) -> Argument.either(option.argument(), impliedKey)
                .ifPresentOrElse(
                        argument -> table.declare(option, argument, parsing),
                        () -> parsing.out().malformed(option.origin(), "not JSON"));
    }

    private static Handler refuse(String what, String wayOut) {
        return (option, parsing) -> parsing.out().notUnderstood(option.origin(), what, wayOut);
    }
}
