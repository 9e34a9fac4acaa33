package labeler.selinux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A question written into a file of selinuxfs, and the answer read back from it (security/selinux/selinuxfs.c). */
final class SelinuxfsTransaction {
    /** {@code SIMPLE_TRANSACTION_LIMIT} is a page less a little; no context in use is as long. */
    private static final int ANSWER_SIZE = 4096;

    private final Path selinuxfs;

    SelinuxfsTransaction(Path selinuxfs) {
        this.selinuxfs = selinuxfs;
    }

    Path selinuxfs() {
        return selinuxfs;
    }

    /** The policy's number of a class, which another policy may change. */
    long number(ObjectClass objectClass) throws IOException {
        return number(definition(objectClass).resolve("index"));
    }

    long number(ObjectClass objectClass, Permission permission) throws IOException {
        return number(definition(objectClass).resolve("perms").resolve(permission.word()));
    }

    private Path definition(ObjectClass objectClass) {
        return selinuxfs.resolve("class").resolve(objectClass.word());
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
    }

    String ask(String node, String question) throws IOException {
        try (FileChannel channel =
                FileChannel.open(selinuxfs.resolve(node), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer answer = ByteBuffer.allocate(ANSWER_SIZE);
            channel.read(answer, 0);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
                    .replace("\0", "")
                    .strip();
        } catch (IOException e) {
            throw new IOException(
                    "the kernel does not decide about " + question + " (" + e.getMessage()
                            + "); does its policy know both contexts?",
                    e);
        }
    }
}
