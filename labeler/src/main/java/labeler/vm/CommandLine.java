package labeler.vm;

import java.util.List;
import labeler.linux.HostPath;

/**
 * The arguments of a qemu that is yet to be started.
 *
 * @param argv with the program's name first
 * @param workingDirectory of its process, which relative paths start from
 */
public record CommandLine(List<byte[]> argv, HostPath workingDirectory) {
    public CommandLine {
        argv = List.copyOf(argv);
    }
}
