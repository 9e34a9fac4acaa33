package labeler.work;

import labeler.linux.Mount;

/**
 * A file system that is worked on, through any of its mounts.
 *
 * @param device the device number
 * @param words its name for people: {@code the ext4 file system at /mnt/images}
 */
public record WorkFileSystem(long device, String words) {
    /** An unknown file system. */
    static final WorkFileSystem UNKNOWN = new WorkFileSystem(-1, "a file system");

    static WorkFileSystem of(Mount mount) {
        return new WorkFileSystem(
                mount.device(), "the " + mount.fileSystemType() + " file system at " + mount.mountPoint());
    }

    /** The sentence that it does not answer. */
    public String doesNotAnswer() {
        return words + " does not answer";
    }

    /** Compares the device only: a file system may be mounted in several places, and named after any of them. */
    @Override
    public boolean equals(Object other) {
        return other instanceof WorkFileSystem place && place.device == device;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(device);
    }
}
