package labeler.fileset;

import java.util.List;
import labeler.problem.Problem;

/**
 * All files of a VM, each once, in the order found. It owns the open ones.
 *
 * @param problems if any, the set is not complete or not safe
 */
public record FileSet(List<VmFile> files, List<External> external, List<Problem> problems, List<Problem> warnings)
        implements AutoCloseable {
    public FileSet {
        files = List.copyOf(files);
        external = List.copyOf(external);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    @Override
    public void close() {
        files.forEach(vmFile -> vmFile.file().ifPresent(labeler.linux.OpenedFile::close));
    }
}
