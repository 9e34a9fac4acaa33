package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A policy as the kernel would load it, read through seinfo(1) and sesearch(1), with its allow rules by class. */
final class CompiledPolicy {
    /** {@code allow SOURCE TARGET:CLASS PERM; [ CONDITION ]:BRANCH}, several permissions in braces. */
    private static final Pattern RULE =
            Pattern.compile("allow (\\S+) (\\S+):(\\S+) (?:\\{ ([^}]*) }|([^;]*));(?: \\[ (.*) ]:(True|False))?");

    private static final Pattern BOOLEAN = Pattern.compile("\\s*bool (\\S+) (true|false);");

    private final Map<String, Set<String>> members;
    private final Map<String, Boolean> booleans;
    private final Map<String, List<Rule>> rules;
    private final Set<String> types;

    /** One allow rule; source and target may be attributes. */
    record Rule(
            String source, String target, String objectClass, Set<String> permissions, Optional<Condition> condition) {
        boolean holds(Map<String, Boolean> values) {
            return condition.isEmpty() || condition.get().holds(values);
        }
    }

    /** The expression of an `if`, and the branch in which a rule stands. */
    record Condition(String expression, boolean branch) {
        boolean holds(Map<String, Boolean> values) {
            return new BooleanExpression(expression, values).value() == branch;
        }
    }

    private CompiledPolicy(
            Map<String, Set<String>> members,
            Map<String, Boolean> booleans,
            Map<String, List<Rule>> rules,
            Set<String> types) {
        this.members = members;
        this.booleans = booleans;
        this.rules = rules;
        this.types = types;
    }

    static CompiledPolicy read(Path binary) throws IOException {
        String file = binary.toString();
        Map<String, Set<String>> members = new LinkedHashMap<>();
        Set<String> types = new TreeSet<>();
        for (String line : Command.done("seinfo", "--flat", file, "-t").lines().toList()) {
            String type = line.strip();
            if (!type.isEmpty()) {
                types.add(type);
                members.put(type, Set.of(type));
            }
        }
        Set<String> current = new HashSet<>();
        for (String line :
                Command.done("seinfo", "--flat", "-a", "-x", file).lines().toList()) {
            if (line.startsWith("attribute ")) {
                current = new TreeSet<>();
                members.put(
                        line.substring("attribute ".length()).replace(";", "").strip(), current);
            } else if (!line.isBlank()) {
                current.add(line.strip());
            }
        }
        Map<String, Boolean> booleans = new LinkedHashMap<>();
        Command.done("seinfo", "--flat", "-b", "-x", file).lines().forEach(line -> {
            Matcher matcher = BOOLEAN.matcher(line);
            if (matcher.matches()) {
                booleans.put(matcher.group(1), Boolean.valueOf(matcher.group(2)));
            }
        });
        return new CompiledPolicy(members, booleans, rules(Command.done("sesearch", "-A", file)), types);
    }

    private static Map<String, List<Rule>> rules(String listing) {
        Map<String, List<Rule>> rules = new LinkedHashMap<>();
        for (String line : listing.lines().toList()) {
            Matcher matcher = RULE.matcher(line);
            if (!matcher.matches()) {
                if (line.isBlank()) {
                    continue;
                }
                // An ignored rule would be a permission that no test sees.
                throw new AssertionError("sesearch prints a line that is not understood: " + line);
            }
            String permissions = Optional.ofNullable(matcher.group(4)).orElse(matcher.group(5));
            Optional<Condition> condition = Optional.ofNullable(matcher.group(6))
                    .map(text -> new Condition(text, matcher.group(7).equals("True")));
            Rule rule = new Rule(
                    matcher.group(1),
                    matcher.group(2),
                    matcher.group(3),
                    new TreeSet<>(Arrays.asList(permissions.strip().split(" "))),
                    condition);
            rules.computeIfAbsent(rule.objectClass(), _ -> new ArrayList<>()).add(rule);
        }
        return rules;
    }

    Set<String> types() {
        return types;
    }

    Set<String> attributes() {
        Set<String> attributes = new TreeSet<>(members.keySet());
        attributes.removeAll(types);
        return attributes;
    }

    Map<String, Boolean> booleans() {
        return booleans;
    }

    List<Rule> rules() {
        return rules.values().stream().flatMap(List::stream).toList();
    }

    /** The types that a name stands for: itself, or an attribute's. */
    Set<String> expand(String name) {
        Set<String> expanded = members.get(name);
        if (expanded == null) {
            throw new IllegalArgumentException("no type or attribute " + name);
        }
        return expanded;
    }

    /** Whether any rule of the policy has this permission. If none has it, the test has a typing error. */
    boolean knows(String objectClass, String permission) {
        return rules.getOrDefault(objectClass, List.of()).stream()
                .anyMatch(rule -> rule.permissions().contains(permission));
    }

    /** Whether this is allowed with the policy's own values of booleans, except these. */
    boolean allows(String source, String target, String objectClass, String permission, Map<String, Boolean> changed) {
        return stream(objectClass, permission, changed)
                .anyMatch(rule -> expand(rule.source()).contains(source)
                        && expand(rule.target()).contains(target));
    }

    /** Whether this is allowed for all values of the booleans. */
    boolean alwaysAllows(String source, String target, String objectClass, String permission) {
        return rules.getOrDefault(objectClass, List.of()).stream()
                .filter(rule -> rule.condition().isEmpty() && rule.permissions().contains(permission))
                .anyMatch(rule -> expand(rule.source()).contains(source)
                        && expand(rule.target()).contains(target));
    }

    /** The types that {@code source} has this permission for. */
    Set<String> targets(String source, String objectClass, String permission, Map<String, Boolean> changed) {
        Set<String> targets = new TreeSet<>();
        stream(objectClass, permission, changed)
                .filter(rule -> expand(rule.source()).contains(source))
                .forEach(rule -> targets.addAll(expand(rule.target())));
        return targets;
    }

    /** The types that have this permission for {@code target}. */
    Set<String> sources(String target, String objectClass, String permission, Map<String, Boolean> changed) {
        Set<String> sources = new TreeSet<>();
        stream(objectClass, permission, changed)
                .filter(rule -> expand(rule.target()).contains(target))
                .forEach(rule -> sources.addAll(expand(rule.source())));
        return sources;
    }

    private java.util.stream.Stream<Rule> stream(String objectClass, String permission, Map<String, Boolean> changed) {
        if (!booleans.keySet().containsAll(changed.keySet())) {
            throw new IllegalArgumentException("no such boolean among " + changed.keySet());
        }
        Map<String, Boolean> values = new LinkedHashMap<>(booleans);
        values.putAll(changed);
        Predicate<Rule> named = rule -> rule.permissions().contains(permission);
        return rules.getOrDefault(objectClass, List.of()).stream().filter(named.and(rule -> rule.holds(values)));
    }
}
