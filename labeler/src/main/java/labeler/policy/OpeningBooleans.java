package labeler.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.selinux.SelinuxHost;

/** Booleans of the distributions' policies. Each lets every VM open files of one kind of file system by name. */
public record OpeningBooleans(SelinuxHost host) {
    private static final List<String> ALL = List.of("virt_use_nfs", "virt_use_samba", "virt_use_fusefs");

    /** Those that are on in the running kernel. Every user may see that. */
    public List<String> on() {
        return ALL.stream().filter(name -> current(host, name).orElse(false)).toList();
    }

    /** Those that the running kernel has, and does not show. */
    public List<String> hidden() {
        return ALL.stream()
                .filter(name -> current(host, name).isEmpty() && Files.exists(file(host, name)))
                .toList();
    }

    private static Path file(SelinuxHost host, String name) {
        return host.selinuxfs().resolve("booleans").resolve(name);
    }

    /** selinuxfs shows "current pending", each 0 or 1. */
    static Optional<Boolean> current(SelinuxHost host, String name) {
        try {
            String text = Files.readString(file(host, name), StandardCharsets.US_ASCII);
            return Optional.of(text.startsWith("1"));
        } catch (IOException e) {
            // The module is stored but not loaded.
            return Optional.empty();
        }
    }
}
