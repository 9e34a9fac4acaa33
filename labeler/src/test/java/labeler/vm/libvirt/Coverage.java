package labeler.vm.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;

/** Prints how many of the domains of libvirt's own tests have a definition without problems: {@code ./dev coverage}. */
public final class Coverage {
    private Coverage() {}

    /**
     * Writes the numbers into the page as well.
     *
     * @param arguments libvirt's directory of tests, the page, and {@code --names} for each file that no use has
     */
    public static void main(String[] arguments) throws IOException {
        Corpus corpus = new Corpus(Path.of(arguments[0]));
        List<Corpus.Accepted> accepted = corpus.accepted();
        Map<String, List<String>> refused = new TreeMap<>();
        Map<String, List<String>> missing = new TreeMap<>();
        int understood = 0;
        for (Corpus.Accepted domain : accepted) {
            VmDefinition definition = corpus.definition(domain);
            understood += definition.problems().isEmpty() ? 1 : 0;
            for (Problem problem : definition.problems()) {
                refused.computeIfAbsent(problem.message().replaceFirst("^.*?: ", ""), _ -> new ArrayList<>())
                        .add(domain.name());
            }
            if (definition.problems().isEmpty()) {
                domain.expected().stream()
                        .flatMap(line -> ExpectedFiles.missing(definition, line).stream())
                        .forEach(name -> missing.computeIfAbsent(name, _ -> new ArrayList<>())
                                .add(domain.name()));
            }
        }
        String numbers = "%d domains accepted by libvirt, %d of them understood (%.1f %%)"
                .formatted(accepted.size(), understood, 100.0 * understood / accepted.size());
        System.out.println("libvirt: " + numbers);
        CoveragePage.write(Path.of(arguments[1]), "libvirt-numbers", numbers);
        refused.forEach((message, domains) -> System.out.printf("  %s%n    %s%n", message, domains));
        if (arguments.length > 2) {
            missing.forEach((name, domains) -> System.out.printf("  not in the set: %s %s%n", name, domains));
        }
    }
}
