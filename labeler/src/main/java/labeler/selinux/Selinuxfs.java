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
 * The kernel's answers, through selinuxfs (security/selinux/selinuxfs.c): two contexts and the number of a class are
 * written into {@code access} or {@code create}, and the answer is read back. Classes and permissions are numbered by the
 * policy, so their numbers are read each time: another policy may have been loaded.
 *
 * @param directory where it is mounted: /sys/fs/selinux
 */
public record Selinuxfs(Path directory) implements AccessDecisions, CreatedContexts {
    /** {@code SIMPLE_TRANSACTION_LIMIT} is a page less a little; no context in use is as long. */
    private static final int ANSWER_SIZE = 4096;

    private static final int HEXADECIMAL = 16;

    /** {@code AVD_FLAGS_PERMISSIVE}: denials in this domain are only logged. */
    private static final long PERMISSIVE = 1;

    @Override
    public Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass)
            throws IOException {
        String[] answer = ask("access", source, target, objectClass).split(" ", -1);
        // allowed, decided, auditallow, auditdeny, sequence number, flags
        if (answer.length < 6) {
            throw notUnderstood();
        }
        if ((Long.parseLong(answer[5], HEXADECIMAL) & PERMISSIVE) != 0) {
            return EnumSet.allOf(Permission.class);
        }
        long bits = Long.parseLong(answer[0], HEXADECIMAL);
        Set<Permission> allowed = EnumSet.noneOf(Permission.class);
        for (Permission permission : Permission.values()) {
            long number = number(definition(objectClass).resolve("perms").resolve(permission.word()));
            if ((bits >> (number - 1) & 1) != 0) {
                allowed.add(permission);
            }
        }
        return allowed;
    }

    /** As security_compute_create(3). */
    @Override
    public SecurityContext of(SecurityContext creator, SecurityContext parent, ObjectClass objectClass)
            throws IOException {
        return SecurityContext.parse(ask("create", creator, parent, objectClass))
                .orElseThrow(this::notUnderstood);
    }

    private IOException notUnderstood() {
        return new IOException(directory + ": the kernel's answer is not understood");
    }

    private Path definition(ObjectClass objectClass) {
        return directory.resolve("class").resolve(objectClass.word());
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file, StandardCharsets.US_ASCII).strip());
    }

    private String ask(String node, SecurityContext one, SecurityContext other, ObjectClass objectClass)
            throws IOException {
        String question =
                one + " " + other + " " + number(definition(objectClass).resolve("index"));
        try (FileChannel channel =
                FileChannel.open(directory.resolve(node), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
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
