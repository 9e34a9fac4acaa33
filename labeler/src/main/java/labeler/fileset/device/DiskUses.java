package labeler.fileset.device;

import java.util.Optional;

/** The host's own uses of block devices. */
@FunctionalInterface
public interface DiskUses {
    /** For a host that uses no disk. */
    DiskUses NONE = (_, _) -> Optional.empty();

    /**
     * In words, {@code /dev/sda1 is mounted at /home}; empty if there is none.
     *
     * @param name the kernel's: {@code sda1}
     * @param number as {@code st_rdev} has it
     */
    Optional<String> of(String name, long number);
}
