package labeler.selinux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * The kernel's answers, through {@code access} of selinuxfs (security/selinux/selinuxfs.c): two contexts and the number
 * of a class are written, and permissions are read back as bits. Classes and permissions are numbered by the policy, so
 * their numbers are read each time: another policy may have been loaded.
 */
public final class SelinuxfsDecisions implements AccessDecisions {
    /** Eight hexadecimal digits six times take 55 characters. */
    private static final int ANSWER_SIZE = 256;

    private static final int HEXADECIMAL = 16;

    /** {@code AVD_FLAGS_PERMISSIVE}: denials in this domain are only logged. */
    private static final long PERMISSIVE = 1;

    private final Path selinuxfs;

    /** @param selinuxfs where it is mounted: /sys/fs/selinux */
    public SelinuxfsDecisions(Path selinuxfs) {
        this.selinuxfs = selinuxfs;
    }

    @Override
    public Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass)
            throws IOException {
        Path definition = selinuxfs.resolve("class").resolve(objectClass.word());
        String[] answer = ask(source + " " + target + " " + number(definition.resolve("index")));
        // allowed, decided, auditallow, auditdeny, sequence number, flags
        if (answer.length < 6) {
            throw new IOException(selinuxfs + ": the kernel's answer is not understood");
        }
        if ((Long.parseLong(answer[5], HEXADECIMAL) & PERMISSIVE) != 0) {
            return EnumSet.allOf(Permission.class);
        }
        long bits = Long.parseLong(answer[0], HEXADECIMAL);
        Set<Permission> allowed = EnumSet.noneOf(Permission.class);
        for (Permission permission : Permission.values()) {
            long number = number(definition.resolve("perms").resolve(permission.word()));
            if ((bits >> (number - 1) & 1) != 0) {
                allowed.add(permission);
            }
        }
        return allowed;
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
    }

    private String[] ask(String question) throws IOException {
        try (FileChannel access =
                FileChannel.open(selinuxfs.resolve("access"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            access.write(ByteBuffer.wrap(question.getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer answer = ByteBuffer.allocate(ANSWER_SIZE);
            access.read(answer, 0);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
        } catch (IOException e) {
            throw new IOException(
                    "the kernel does not decide about " + question + " (" + e.getMessage()
                            + "); does its policy know both contexts?",
                    e);
        }
    }
}
