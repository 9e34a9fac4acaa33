package labeler.vm.qemu.option;

import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/** Options about the process: its incoming state, its logs and its other files. */
final class ProcessOptions {
    /** A migration's source that is not a file of this host. */
    private static final Set<String> NO_FILE = NameTable.of("defer tcp rdma fd vsock");

    private static final KeyTable RECORDED = KeyTable.EMPTY.creates(FileRole.LOG, "rrfile");
    private static final KeyTable REPLAYED = KeyTable.EMPTY.reads(FileRole.LOG, "rrfile");

    private ProcessOptions() {}

    static void incoming(OptionContext in) {
        String argument = in.argument();
        int colon = argument.indexOf(':');
        String word = colon < 0 ? argument : argument.substring(0, colon);
        String rest = colon < 0 ? "" : argument.substring(colon + 1);
        switch (word) {
            case "unix" -> in.socket(rest, "qemu makes and removes it");
            case "file" -> in.file(FileRole.SAVED_STATE, withoutOffset(rest), UseAccess.READ_ONLY);
            case "exec" -> in.notUnderstood("qemu runs a shell command", "restore from a file: -incoming file:NAME");
            default -> {
                if (!NO_FILE.contains(word)) {
                    in.notUnderstood(
                            "where the VM comes from is not understood: " + ByteText.shown(argument),
                            "use -incoming defer, tcp:, unix: or file:");
                }
            }
        }
    }

    private static String withoutOffset(String name) {
        int offset = name.lastIndexOf(",offset=");
        return offset < 0 ? name : name.substring(0, offset);
    }

    /** {@code -icount}: what the machine did in a run is written to a file, or read from it. */
    static void recording(OptionContext in) {
        Argument argument = in.settings("shift");
        KeyTable keys = argument.settings().text("rr").equals("replay") ? REPLAYED : RECORDED;
        keys.declare(argument, in);
    }

    /** In the name of a log, {@code %d} becomes the process's id. */
    static void logFile(OptionContext in) {
        log(in.argument(), in);
    }

    /** The same of any log. */
    static void log(String name, OptionContext in) {
        if (name.contains("%")) {
            in.notUnderstood("a log whose name depends on the process's id", "give it a name without %");
        } else {
            in.file(FileRole.LOG, name, UseAccess.CREATE);
        }
    }
}
