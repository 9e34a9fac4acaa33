package labeler.fileset;

import java.util.Optional;
import labeler.linux.OpenedFile;

/** The host's own uses of files. */
@FunctionalInterface
public interface HostFileUses {
    /** The present uses. */
    Now now();

    /** A snapshot. */
    @FunctionalInterface
    interface Now {
        /** In words, {@code swap space}; empty if there is none. */
        Optional<String> of(OpenedFile file);

        /**
         * The use of a block device, in words: {@code sda1 is mounted at /home}; empty if there is none.
         *
         * @param name the kernel's: {@code sda1}
         * @param number as {@code st_rdev} has it
         */
        default Optional<String> ofDisk(String name, long number) {
            return Optional.empty();
        }
    }
}
