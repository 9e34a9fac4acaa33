package labeler.work;

import labeler.linux.Mount;

/**
 * A file system that is worked on, by whichever of its mounts.
 *
 * @param device its number
 * @param words for people: {@code the ext4 file system at /mnt/images}
 */
public record Place(long device, String words) {
    /** Where nobody can tell which file system it is. */
    static final Place UNKNOWN = new Place(-1, "a file system");

    static Place of(Mount mount) {
        return new Place(mount.device(), "the " + mount.fileSystemType() + " file system at " + mount.mountPoint());
    }

    /** The sentence for whoever needs it. */
    public String doesNotAnswer() {
        return words + " does not answer";
    }

    /** The same file system may be mounted in several places, and be called by any of them. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Place place && place.device == device;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(device);
    }
}
