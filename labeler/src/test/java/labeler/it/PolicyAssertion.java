package labeler.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A line of {@code selinux-policy/tests/*.rules}; the head of each file explains them.
 *
 * @param text the line's text
 * @param with values of booleans that differ from the policy's own
 */
record PolicyAssertion(String text, Kind kind, List<String> words, Set<String> expected, Map<String, Boolean> with) {
    enum Kind {
        allow,
        deny,
        targets,
        sources,
        adds
    }

    static List<PolicyAssertion> read(Path file) throws IOException {
        List<PolicyAssertion> assertions = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String text = line.replaceFirst("#.*", "").strip();
            if (!text.isEmpty()) {
                assertions.add(parse(text));
            }
        }
        return assertions;
    }

    private static PolicyAssertion parse(String text) {
        Map<String, Boolean> with = new LinkedHashMap<>();
        String[] parts = text.split(" with ", 2);
        if (parts.length == 2) {
            for (String setting : parts[1].strip().split("\\s+", -1)) {
                String[] pair = setting.split("=", 2);
                if (pair.length != 2 || !Set.of("on", "off").contains(pair[1])) {
                    throw new IllegalArgumentException("not NAME=on or NAME=off: " + text);
                }
                with.put(pair[0], pair[1].equals("on"));
            }
        }
        String[] sides = parts[0].split("=", 2);
        List<String> words = Arrays.asList(sides[0].strip().split("\\s+"));
        Set<String> expected = new TreeSet<>();
        if (sides.length == 2 && !sides[1].isBlank()) {
            expected.addAll(Arrays.asList(sides[1].strip().split("\\s+")));
        }
        return new PolicyAssertion(
                text, Kind.valueOf(words.getFirst()), words.subList(1, words.size()), expected, with);
    }

    /** The fault; empty if the assertion holds. {@code adds} compares two policies, and is not checked here. */
    Optional<String> fault(CompiledPolicy policy) {
        return switch (kind) {
            case allow -> access(policy, true);
            case deny -> access(policy, false);
            case targets -> difference(policy.targets(words.get(0), words.get(1), words.get(2), with));
            case sources -> difference(policy.sources(words.get(0), words.get(1), words.get(2), with));
            case adds -> Optional.empty();
        };
    }

    private Optional<String> access(CompiledPolicy policy, boolean wanted) {
        List<String> wrong = new ArrayList<>();
        if (words.size() < 4 || policy.expand(words.get(0)).isEmpty()) {
            wrong.add("it asks for nothing");
        }
        for (String permission : words.subList(3, words.size())) {
            if (!policy.knows(words.get(2), permission)) {
                wrong.add("no rule of the policy knows " + words.get(2) + " " + permission);
            }
        }
        for (String source : policy.expand(words.get(0))) {
            for (String target : policy.expand(words.get(1).equals("self") ? source : words.get(1))) {
                for (String permission : words.subList(3, words.size())) {
                    if (policy.allows(source, target, words.get(2), permission, with) != wanted) {
                        wrong.add(source + " " + target + ":" + words.get(2) + " " + permission);
                    }
                }
            }
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of((wanted ? "not allowed: " : "allowed: ") + String.join(", ", wrong));
    }

    private Optional<String> difference(Set<String> found) {
        Set<String> more = new TreeSet<>(found);
        more.removeAll(expected);
        Set<String> less = new TreeSet<>(expected);
        less.removeAll(found);
        return more.isEmpty() && less.isEmpty()
                ? Optional.empty()
                : Optional.of("beyond the list: " + more + ", missing: " + less);
    }
}
