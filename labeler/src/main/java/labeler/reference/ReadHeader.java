package labeler.reference;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import labeler.chain.ImageFormat;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;

/**
 * An image whose header was read.
 *
 * @param realPath the kernel's name for it
 * @param format in which it was read
 * @param writable whether the VM may write it
 * @param partOfWritable whether it is an image that the VM may write, or below one
 */
public record ReadHeader(
        HostPath path,
        HostPath realPath,
        FileIdentity identity,
        ImageFormat format,
        boolean writable,
        boolean partOfWritable,
        List<Found> references) {
    /** Stands in place of a device number. */
    private static final long NAMED = -1;

    /**
     * A reference in it.
     *
     * @param followed whether it is followed: no declaration replaces it
     */
    public record Found(WrittenReference reference, boolean followed) {}

    public ReadHeader {
        references = List.copyOf(references);
    }

    /** For a file that a VM writes but not as an image: nothing in it is believed. */
    public static ReadHeader ofNoImage(HostPath path, HostPath realPath, FileStatus status) {
        return new ReadHeader(path, realPath, identity(path, status), ImageFormat.RAW, true, true, List.of());
    }

    /** The same, if none of its references is followed now. */
    public ReadHeader notFollowed() {
        return new ReadHeader(
                path,
                realPath,
                identity,
                format,
                writable,
                partOfWritable,
                references.stream()
                        .map(found -> new Found(found.reference(), false))
                        .toList());
    }

    /**
     * The identity of the image. The node of a block device is made again at each boot, so its name in the definition
     * identifies it: a volume manager's names stay the same.
     */
    public static FileIdentity identity(HostPath path, FileStatus status) {
        return switch (status.type()) {
            case BLOCK_DEVICE ->
                new FileIdentity(
                        NAMED, UUID.nameUUIDFromBytes(path.bytes()).getMostSignificantBits(), Optional.empty());
            case REGULAR, DIRECTORY, CHARACTER_DEVICE, FIFO, SOCKET, SYMBOLIC_LINK -> status.identity();
        };
    }

    /** Whether a name identifies the image: another name of the same device has an identity of its own. */
    public static boolean isNamed(FileIdentity identity) {
        return identity.device() == NAMED;
    }
}
