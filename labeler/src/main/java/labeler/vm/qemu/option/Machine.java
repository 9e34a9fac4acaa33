package labeler.vm.qemu.option;

import java.util.List;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -machine}, and the options that qemu turns into it: kernel, initrd, accelerator. */
final class Machine {
    private static final KeyTable KEYS = KeyTable.EMPTY
            .reads(FileRole.KERNEL, "kernel")
            .reads(FileRole.SHIM, "shim")
            .reads(FileRole.DEVICE_TREE, "dtb")
            .firmware(FileRole.FIRMWARE, "firmware")
            .creates(FileRole.LOG, "dumpdtb")
            // qemu makes -boot a part of the machine.
            .firmware(FileRole.ROM, "boot.splash")
            // initrd is handled below.
            .ignores("append initrd");

    private static final KeyTable ACCELERATOR_KEYS =
            KeyTable.EMPTY.writes(FileRole.SHARED_DEVICE, "device").writes(FileRole.SOCKET, "rapl-helper-socket");

    /** qemu-vmsr-helper listens there, which reads the power meter of the processor. */
    private static final String METER = "/var/run/qemu-vmsr-helper.sock";

    private Machine() {}

    static void machine(OptionContext in) {
        Argument argument = in.settings("type");
        Settings settings = argument.settings();
        KEYS.declare(argument, in);
        settings.last("initrd")
                .ifPresent(index -> initrd(settings.text("initrd"), new FilePlace.Value(argument, index), in));
        settings.get("accel").ifPresent(in.parsing()::accelerator);
        settings.get("pflash0").ifPresent(node -> in.drives().usedAs(node, FileRole.FIRMWARE));
        settings.get("pflash1").ifPresent(node -> in.drives().usedAs(node, FileRole.NVRAM));
    }

    static void accelerator(OptionContext in) {
        Argument argument = in.settings("accel");
        argument.settings().get("accel").ifPresent(in.parsing()::accelerator);
        ACCELERATOR_KEYS.declare(argument, in);
        if (argument.settings().isOn("rapl") && !argument.settings().has("rapl-helper-socket")) {
            in.file(FileRole.SOCKET, METER, UseAccess.READ_WRITE);
        }
    }

    static void initrd(OptionContext in) {
        initrd(in.argument(), FilePlace.WHOLE, in);
    }

    /**
     * A comma separates the modules of a multiboot kernel, and a blank ends a module's name. For any other kernel both are
     * a part of the name.
     */
    private static void initrd(String name, FilePlace.Spot spot, OptionContext in) {
        if (name.contains(",")) {
            in.parsing()
                    .out()
                    .problem(
                            Problem.Kind.AMBIGUOUS,
                            in.origin(),
                            "a comma is a part of the name for one kernel, and parts two names for another; rename the"
                                    + " file");
        } else {
            in.file(FileRole.INITRD, name, UseAccess.READ_ONLY, new NameSubstitute.Copy(), spot);
            int blank = name.indexOf(' ');
            if (blank > 0) {
                in.perhaps(FileRole.INITRD, name.substring(0, blank), UseAccess.READ_ONLY);
            }
        }
    }

    /** {@code -k}: the layout of a language, from the directories of firmware; or a file by its name. */
    static void keyboard(OptionContext in) {
        if (in.argument().contains("/")) {
            in.notUnderstood("a keyboard's layout in a file, which may include others", "name a language: -k de");
        }
    }

    /** {@code -L}: qemu uses any firmware that it finds there. Below /usr nothing belongs to one VM. */
    static void dataDirectory(OptionContext in) {
        String argument = in.argument();
        if (argument.equals("help")) {
            return;
        }
        List<String> parts = ByteText.split(argument, '/');
        if (argument.startsWith("/usr/") && !parts.contains("..")) {
            in.parsing().directories().add(argument);
        } else {
            in.notUnderstood(
                    "qemu takes any firmware that it finds in " + ByteText.shown(argument),
                    "name each file, with -bios or romfile=");
        }
    }
}
