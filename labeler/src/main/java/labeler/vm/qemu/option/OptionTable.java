package labeler.vm.qemu.option;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.option.Option.Handler;
import labeler.vm.qemu.text.Settings;

/**
 * Every option of qemu 10.0, on all of its targets, and its use of files. To teach the parser an option, add its row.
 */
final class OptionTable {
    private static final Handler NO_FILE = _ -> {};

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
                many("drive", in -> in.drives().drive(in.option().place(), Settings.parse(in.argument()))),
                many("blockdev", in -> in.drives().blockdev(in.option().place(), in.argument())),
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
                flag("snapshot", in -> in.drives().snapshotAll()));
    }

    private static List<Option> boot() {
        KeyTable none = KeyTable.EMPTY;
        return List.of(
                one("kernel", file(FileRole.KERNEL, UseAccess.READ_ONLY)),
                one("initrd", Machine::initrd),
                one("shim", file(FileRole.SHIM, UseAccess.READ_ONLY)),
                one("dtb", file(FileRole.DEVICE_TREE, UseAccess.READ_ONLY)),
                one("bios", in -> in.firmware(FileRole.FIRMWARE, in.argument(), FilePlace.WHOLE)),
                many("option-rom", keys("romfile", none.firmware(FileRole.ROM, "romfile"))),
                many("L", Machine::dataDirectory),
                one("k", Machine::keyboard),
                many("boot", keys("order", none.firmware(FileRole.ROM, "splash"))),
                many(
                        "fw_cfg",
                        keys(
                                "name",
                                none.reads(FileRole.FIRMWARE_CONFIGURATION, "file")
                                        .ignores("name string"))),
                // Free text for the guest, in which a slash has no meaning.
                many("smbios", keys("", none.ignores("""
                    type manufacturer version serial uuid sku family product vendor date release asset location
                    value sock_pfx part loc_pfx bank external_reference internal_reference designation slot_designation pcidev
                    uefi
                    """).reads(FileRole.FIRMWARE_CONFIGURATION, "file path"))),
                many("acpitable", keys("data", none.lists(FileRole.ACPI_TABLE, "file data"))),
                one("append", NO_FILE));
    }

    private static List<Option> machine() {
        KeyTable runWith = KeyTable.EMPTY
                .refuses("qemu then sees other files under the same names", "leave it out", "chroot")
                .ignores("user");
        String pidFile = "qemu makes it, and removes it when it ends";
        return List.of(
                many("machine", Machine::machine),
                many("M", Machine::machine),
                many("accel", Machine::accelerator),
                flag("enable-kvm", in -> in.parsing().accelerator("kvm")),
                many("object", Objects::object),
                one("mem-path", file(FileRole.MEMORY, UseAccess.CREATE)),
                one("incoming", ProcessOptions::incoming),
                many("run-with", keys("", runWith)),
                one("pidfile", in -> in.made(FileRole.PID_FILE, in.argument(), Making.FILE, pidFile)));
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
                many("tpmdev", HostDevices::tpm),
                many("audiodev", Sound::audiodev),
                many("audio", Sound::audio),
                many("fsdev", FileSystems::declare),
                many("virtfs", FileSystems::declare),
                many("display", Displays::display),
                many("vnc", Displays::vnc),
                many("spice", Displays::spice),
                many("usbdevice", Displays::usbDevice));
    }

    private static List<Option> logs() {
        KeyTable trace = KeyTable.EMPTY
                .readsByName(FileRole.CONFIGURATION, "events")
                // Its name is read below.
                .ignores("enable file");
        return List.of(
                one("D", ProcessOptions::logFile),
                one("dump-vmstate", file(FileRole.LOG, UseAccess.CREATE)),
                many("trace", in -> {
                    trace.declare(in.settings("enable"), in);
                    in.settings("enable")
                            .settings()
                            .get("file")
                            .filter(name -> !name.isEmpty())
                            .ifPresent(name -> ProcessOptions.log(name, in));
                }),
                one("icount", ProcessOptions::recording),
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

    /** Options that name no file; also of other targets, and of qemu 5.0 and later. */
    private static List<Option> withoutFiles() {
        Stream<Option> flags = NameTable.of("""
            S s h help version daemonize enable-sync-profile full-screen mem-prealloc no-fd-bootchk no-reboot
            no-shutdown no-user-config nodefaults nographic old-param only-migratable preconfig usb win2k-hack
            xen-attach xen-domid-restrict no-acpi no-hpet singlestep async-teardown nodefconfig portrait no-quit
            sdl curses
            """).stream().map(name -> flag(name, NO_FILE));
        Stream<Option> arguments = NameTable.of("""
            action compat cpu d dfilter echr g iscsi loadvm m mon msg name numa overcommit prom-env rtc sandbox
            seed smp uuid vga watchdog watchdog-action xen-domid runas rotate tb-size
            """).stream().map(name -> many(name, NO_FILE));
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
        NameSubstitute takes = access.isWriting() ? new NameSubstitute.NameAlone() : new NameSubstitute.Copy();
        return in -> in.file(role, in.argument(), access, takes, FilePlace.WHOLE);
    }

    /** The settings that qemu's main() makes of the short form. The whole argument, with commas, is the name. */
    private static Handler drive(String settings) {
        return in ->
                in.drives().drive(in.option().place(), Settings.parse(settings).with("file", in.argument()));
    }

    private static Handler keys(String impliedKey, KeyTable table) {
        return in -> table.declare(in.settings(impliedKey), in);
    }

    private static Handler refuse(String what, String wayOut) {
        return in -> in.notUnderstood(what, wayOut);
    }
}
