package labeler.selinux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The policy's own contexts for virtual machines, from the files {@code virtual_domain_context} and
 * {@code virtual_image_context} of its contexts directory (virtual_domain_context(5), virtual_image_context(5)).
 *
 * @param process a qemu with hardware acceleration
 * @param emulatedProcess a qemu that emulates, if the policy has its own type for it (Fedora: svirt_tcg_t)
 * @param image files that a VM writes
 * @param content files that VMs only read
 */
public record VirtualContexts(
        SecurityContext process,
        Optional<SecurityContext> emulatedProcess,
        SecurityContext image,
        SecurityContext content) {

    /**
     * Reads both files.
     *
     * @throws IOException if one is missing or malformed; the message names it and the way out
     */
    public static VirtualContexts read(Path directory) throws IOException {
        List<SecurityContext> domain = contexts(directory.resolve("virtual_domain_context"), 1);
        List<SecurityContext> image = contexts(directory.resolve("virtual_image_context"), 2);
        return new VirtualContexts(
                domain.get(0),
                domain.size() > 1 ? Optional.of(domain.get(1)) : Optional.empty(),
                image.get(0),
                image.get(1));
    }

    /** The policy's types for a VM's process, the preferred one first. */
    public List<String> processTypes() {
        return Stream.concat(Stream.of(process), emulatedProcess.stream())
                .map(SecurityContext::type)
                .distinct()
                .toList();
    }

    private static List<SecurityContext> contexts(Path file, int atLeast) throws IOException {
        List<SecurityContext> contexts = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            contexts.add(SecurityContext.parse(text)
                    .orElseThrow(() -> new IOException(file + ": not a security context: " + text
                            + "; reinstall the policy, or set label.contexts-directory in the configuration")));
        }
        if (contexts.size() < atLeast) {
            throw new IOException(file + ": " + contexts.size() + " contexts where " + atLeast
                    + " are needed; reinstall the policy, or set label.contexts-directory in the configuration");
        }
        return contexts;
    }
}
