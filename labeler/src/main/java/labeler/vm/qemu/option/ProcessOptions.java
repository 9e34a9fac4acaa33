package labeler.vm.qemu.option;

import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/** Options about the process: where it comes from, what it writes down. */
final class ProcessOptions {
    /** A migration's source that is not a file of this host. */
    private static final Set<String> NO_FILE = Set.of("defer", "tcp", "rdma", "fd", "vsock");

    private ProcessOptions() {}

    static void incoming(PlacedOption option, Parsing parsing) {
        Origin origin = option.origin();
        String argument = option.argument();
        int colon = argument.indexOf(':');
        String word = colon < 0 ? argument : argument.substring(0, colon);
        String rest = colon < 0 ? "" : argument.substring(colon + 1);
        switch (word) {
            case "unix" -> parsing.out().socket(origin, ByteText.bytes(rest), "qemu makes and removes it");
            case "file" ->
                parsing.out()
                        .file(origin, FileRole.SAVED_STATE, ByteText.bytes(withoutOffset(rest)), UseAccess.READ_ONLY);
            case "exec" ->
                parsing.out()
                        .notUnderstood(origin, "qemu runs a shell command", "restore from a file: -incoming file:NAME");
            default -> {
                if (!NO_FILE.contains(word)) {
                    parsing.out()
                            .notUnderstood(
                                    origin,
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

    /** In the name of a log, {@code %d} becomes the process's id. */
    static void logFile(PlacedOption option, Parsing parsing) {
        Origin origin = option.origin();
        String argument = option.argument();
        if (argument.indexOf('%') >= 0) {
            parsing.out()
                    .notUnderstood(origin, "a log whose name depends on the process's id", "give it a name without %");
        } else {
            parsing.out().file(origin, FileRole.LOG, ByteText.bytes(argument), UseAccess.CREATE);
        }
    }
}
