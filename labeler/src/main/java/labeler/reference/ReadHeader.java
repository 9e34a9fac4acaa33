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
 * @param format as which it was read
 * @param writable whether the VM may write it
 * @param partOfWritable whether it is that image, or below one that the VM may write
 */
public record ReadHeader(
        HostPath path,
        HostPath realPath,
        FileIdentity identity,
        ImageFormat format,
        boolean writable,
        boolean partOfWritable,
        List<Found> references) {
    /** In place of a device number. */
    private static final long NAMED = -1;

    /**
     * A reference in it.
     *
     * @param followed whether it is followed: nothing that is declared stands in its place
     */
    public record Found(WrittenReference reference, boolean followed) {}

    public ReadHeader {
        references = List.copyOf(references);
    }

    /** Of a file that a VM writes otherwise than as an image: nothing that it says is believed. */
    public static ReadHeader ofNoImage(HostPath path, HostPath realPath, FileStatus status) {
        return new ReadHeader(path, realPath, identity(path, status), ImageFormat.RAW, true, true, List.of());
    }

    /**
     * Which image it is. The node of a block device is made anew at each boot, so its name stands for it, as the definition
     * has it: what a volume manager calls it stays.
     */
    public static FileIdentity identity(HostPath path, FileStatus status) {
        return switch (status.type()) {
            case BLOCK_DEVICE ->
                new FileIdentity(
                        NAMED, UUID.nameUUIDFromBytes(path.bytes()).getMostSignificantBits(), Optional.empty());
            case REGULAR, DIRECTORY, CHARACTER_DEVICE, FIFO, SOCKET, SYMBOLIC_LINK -> status.identity();
        };
    }

    /** Whether a name stands for the image: another name of the same device has an identity of its own. */
    public static boolean isNamed(FileIdentity identity) {
        return identity.device() == NAMED;
    }
}
