package labeler.selinux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The state of SELinux on this host, read each time: {@code setenforce} may change it at any time.
 *
 * @param selinuxfs the kernel's files about it, {@code /sys/fs/selinux}
 * @param configuration {@code /etc/selinux}
 */
public record SelinuxHost(Path selinuxfs, Path configuration) {
    public static final SelinuxHost SYSTEM = new SelinuxHost(Path.of("/sys/fs/selinux"), Path.of("/etc/selinux"));

    /** Whether the kernel enforces labels. */
    public enum Mode {
        /** No SELinux in this kernel, or switched off. */
        INACTIVE,
        /** It only logs denials. */
        PERMISSIVE,
        ENFORCING
    }

    public Mode mode() {
        Path file = selinuxfs.resolve("enforce");
        // selinuxfs is mounted wherever SELinux is active (selinux(8)). A start asks often, and an exception is slow:
        // there is one inside notExists, and none inside exists.
        if (!Files.exists(file)) {
            return Mode.INACTIVE;
        }
        try {
            String enforce = Files.readString(file, StandardCharsets.US_ASCII);
            return enforce.strip().equals("1") ? Mode.ENFORCING : Mode.PERMISSIVE;
        } catch (IOException e) {
            // It has been unmounted since then.
            return Mode.INACTIVE;
        }
    }

    public boolean isActive() {
        return mode() != Mode.INACTIVE;
    }

    /** The directory with the installed policy's contexts; empty without one. */
    public Optional<Path> contextsDirectory() throws IOException {
        return policyType()
                .map(type -> configuration.resolve(type).resolve("contexts"))
                .filter(directory -> Files.isRegularFile(directory.resolve("virtual_domain_context")));
    }

    /** The name of the installed policy ({@code SELINUXTYPE} of selinux_config(5)); empty without one. */
    public Optional<String> policyType() throws IOException {
        Path config = configuration.resolve("config");
        if (!Files.isRegularFile(config)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(config)) {
            return lines.map(String::strip)
                    .filter(line -> line.startsWith("SELINUXTYPE="))
                    .map(line -> line.substring("SELINUXTYPE=".length()).strip())
                    .filter(type -> !type.isEmpty() && !type.contains("/"))
                    .findFirst();
        }
    }
}
