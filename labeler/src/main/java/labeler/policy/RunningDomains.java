package labeler.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.SecurityContext;

/**
 * Processes that the module is there for: in a domain of its own, whose context would mean nothing without it, or a VM,
 * which may use the descriptors that it was handed only as long as the module allows it.
 */
record RunningDomains(Path proc) {
    private static final Set<String> DOMAINS =
            Set.of("labelerd_t", "labeler_run_t", "labeler_hook_t", "svirt_t", "svirt_tcg_t");

    /** The first of them: its number and its domain. */
    Optional<String> first() throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                Optional<String> domain = domain(process).filter(DOMAINS::contains);
                if (domain.isPresent()) {
                    return Optional.of("process " + process.getFileName() + " runs in " + domain.get());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> domain(Path process) {
        try {
            List<String> lines = Files.readAllLines(process.resolve("attr/current"), StandardCharsets.ISO_8859_1);
            return lines.stream()
                    .findFirst()
                    .map(line -> line.replace("\0", ""))
                    .flatMap(SecurityContext::parse)
                    .map(SecurityContext::type);
        } catch (IOException e) {
            // It ended meanwhile.
            return Optional.empty();
        }
    }
}
