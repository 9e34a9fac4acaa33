package labeler.launch;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import labeler.linux.AttributeName;
import labeler.linux.ExtendedAttributes;
import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * Local copies of what qemu reads by its name alone (a kernel, an initrd, firmware), from a file system that carries no
 * labels. They are in the VM's runtime directory, and go with it.
 */
public final class LocalCopies {
    /** Kernels and initial file systems have tens of megabytes; the copy is in memory, where /run is a tmpfs. */
    static final long MOST_BYTES = 256L << 20;

    private static final int BLOCK = 1 << 20;

    private final SafeOpen open;
    private final ExtendedAttributes attributes;

    @Inject
    public LocalCopies(SafeOpen open, ExtendedAttributes attributes) {
        this.open = open;
        this.attributes = attributes;
    }

    /**
     * Makes a copy that everybody may read, reads it again and compares.
     *
     * @param label what it gets; empty where SELinux is not active
     * @throws IOException with a message for people: too large, no space, or another content than was read
     */
    public void make(OpenedFile source, Path copy, Optional<SecurityContext> label) throws IOException {
        if (open.contentSize(source) > MOST_BYTES) {
            throw tooLarge(source, MOST_BYTES);
        }
        byte[] written = write(source, copy, MOST_BYTES);
        OpenOutcome outcome = open.open(HostPath.of(copy), OpenRequest.RECORDED);
        switch (outcome) {
            case OpenRefusal refusal -> throw new IOException(copy + ": " + refusal.detail());
            case OpenedFile made -> {
                try (made) {
                    if (!Arrays.equals(written, digest(made, _ -> {}))) {
                        throw new IOException(copy + ": is not what was copied from " + source.path());
                    }
                    // The service's umask has nothing to say here: qemu may run as any user. By the descriptor, since
                    // the
                    // directory is that user's, who could put a link to another file in the copy's place.
                    Files.setPosixFilePermissions(
                            Path.of("/proc/self/fd/" + made.descriptor().number()),
                            PosixFilePermissions.fromString("r--r--r--"));
                    if (label.isPresent()) {
                        attributes.set(
                                made,
                                AttributeName.SECURITY_SELINUX,
                                StoredLabel.of(label.get()).bytes());
                    }
                }
            }
        }
    }

    private static IOException tooLarge(OpenedFile source, long most) {
        return new IOException(source.path() + ": larger than the " + (most >> 20)
                + " MB that are copied for qemu; move it to a file system that stores labels");
    }

    /** The size counts while it is read, too: a file server may say one thing and send another. */
    static byte[] write(OpenedFile source, Path copy, long most) throws IOException {
        try (FileChannel target = FileChannel.open(
                copy,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            return digest(source, block -> {
                if (target.position() + block.remaining() > most) {
                    throw tooLarge(source, most);
                }
                while (block.hasRemaining()) {
                    target.write(block);
                }
            });
        }
    }

    private interface Sink {
        void take(ByteBuffer block) throws IOException;
    }

    private static byte[] digest(OpenedFile file, Sink sink) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long position = 0; file.read(block.clear(), position) > 0; position += block.limit()) {
            block.flip();
            digest.update(block.duplicate());
            sink.take(block);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
