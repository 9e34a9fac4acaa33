package labeler.vm.qemu.option;

import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -fsdev} and {@code -virtfs}: directories that the guest sees by 9p. */
final class FileSystems {
    private static final Set<String> OF_DIRECTORIES = NameTable.of("local handle");

    /** The directory is read below; the tag is any text, and a descriptor's file only its opener knows. */
    private static final KeyTable KEYS = KeyTable.EMPTY
            .writes(FileRole.SOCKET, "socket")
            .refuses(
                    "a descriptor, of which only its opener knows the file",
                    "name the helper's socket: socket=NAME",
                    "sock_fd")
            .ignores("path mount_tag");

    private FileSystems() {}

    static void declare(OptionContext in) {
        Argument argument = in.settings("fsdriver");
        Settings settings = argument.settings();
        String driver = settings.text("fsdriver");
        KEYS.declare(argument, in);
        if (OF_DIRECTORIES.contains(driver)) {
            in.tree(settings.text("path"), UseAccess.of(!settings.isOn("readonly")));
        } else if (!driver.equals("proxy") && !driver.equals("synth")) {
            in.notUnderstood(
                    "the file system driver " + ByteText.shown(driver) + " is not known, and may name a file",
                    "use local, or share the directory with virtiofsd");
        }
    }
}
