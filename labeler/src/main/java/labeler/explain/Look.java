package labeler.explain;

import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.work.WorkFileSystem;

/** The result of a look at the name of a file. */
public sealed interface Look {
    /** Nobody looked: a denial names it, and no VM holds it. */
    record NotLooked() implements Look {}

    /** Nothing has the name, or it cannot be reached. */
    record Nothing() implements Look {}

    /**
     * A file has the name.
     *
     * @param realPath the kernel's own name for it, without symbolic links
     * @param label printable; empty for none, and if it could not be read
     */
    record Present(FileIdentity identity, HostPath realPath, Optional<String> label) implements Look {}

    /** Its file system does not answer, so nothing is known. */
    record Silent(WorkFileSystem place) implements Look {}
}
