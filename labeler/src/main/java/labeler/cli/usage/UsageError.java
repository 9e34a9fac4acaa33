package labeler.cli.usage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The fault of a command line, in one line, with the probable intention. */
public final class UsageError {
    /** A word with more typing errors than this is another word. */
    private static final int MOST_ERRORS = 2;

    /** The words of other programs (virsh, podman, systemctl, git) for what is a command here. */
    private static final Map<String, String> HABITS = Map.ofEntries(
            Map.entry("ls", "status"),
            Map.entry("ps", "status"),
            Map.entry("show", "status"),
            Map.entry("info", "status"),
            Map.entry("dominfo", "status"),
            Map.entry("inspect", "status"),
            Map.entry("exec", "run"),
            Map.entry("launch", "run"),
            Map.entry("up", "run"),
            Map.entry("create", "run"),
            Map.entry("define", "plan"),
            Map.entry("dry-run", "plan"),
            Map.entry("destroy", "stop --kill"),
            Map.entry("kill", "stop --kill"),
            Map.entry("shutdown", "stop --kill"),
            Map.entry("rm", "stop"),
            Map.entry("remove", "stop"),
            Map.entry("down", "stop"),
            Map.entry("end", "stop"),
            Map.entry("log", "events"),
            Map.entry("logs", "events"),
            Map.entry("journal", "events"),
            Map.entry("history", "events"),
            Map.entry("event", "events"),
            Map.entry("check", "doctor"),
            Map.entry("health", "doctor"),
            Map.entry("diagnose", "doctor"),
            Map.entry("restorecon", "relabel"),
            Map.entry("restore", "relabel"),
            Map.entry("repair", "recover"),
            Map.entry("fix", "recover"),
            Map.entry("diff", "verify"),
            Map.entry("why", "explain"),
            Map.entry("tree", "chain"),
            Map.entry("images", "chain"),
            Map.entry("accept", "trust"),
            Map.entry("install", "policy install"),
            Map.entry("adopt", "libvirt adopt"),
            Map.entry("release", "libvirt release"),
            Map.entry("attach", "disk attach"),
            Map.entry("attach-disk", "disk attach"),
            Map.entry("detach", "disk detach"),
            Map.entry("detach-disk", "disk detach"),
            Map.entry("snapshot", "disk snapshot"),
            Map.entry("blockcommit", "disk commit"),
            Map.entry("commit", "disk commit"),
            Map.entry("blockpull", "disk stream"),
            Map.entry("backup", "disk backup"));

    private UsageError() {}

    /** The message, as picocli's exception and its command have it. */
    public static String text(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return unmatched(command, unmatched.getUnmatched().getFirst());
        }
        boolean lacksWord = !command.subcommands().isEmpty()
                && !e.getCommandLine().getParseResult().hasSubcommand()
                && String.valueOf(e.getMessage()).contains("subcommand");
        if (lacksWord) {
            return command.name() + " needs one word more: "
                    + String.join(", ", command.subcommands().keySet());
        }
        return Optional.ofNullable(e.getMessage()).orElse("usage").replaceFirst("^Error: ", "") + more(command);
    }

    private static String unmatched(CommandSpec command, String word) {
        boolean isOption = word.startsWith("-") && word.length() > 1;
        if (isOption) {
            String name = word.split("=", 2)[0];
            return "no option '" + name + "'"
                    + meant(likely(name, command.optionsMap().keySet()), command);
        }
        boolean isTop = command.parent() == null;
        if (command.subcommands().isEmpty()) {
            return "'" + word + "' is one argument too many" + more(command);
        }
        Collection<String> known = command.subcommands().keySet();
        Optional<String> habit =
                isTop ? Optional.ofNullable(HABITS.get(word.toLowerCase(Locale.ROOT))) : Optional.empty();
        Optional<String> likely =
                habit.or(() -> likely(word, known).map(name -> isTop ? name : command.name() + " " + name));
        return "no command '" + (isTop ? "" : command.name() + " ") + word + "'" + meant(likely, command);
    }

    private static String meant(Optional<String> likely, CommandSpec command) {
        return likely.map(word -> "; did you mean " + word + "?").orElseGet(() -> more(command));
    }

    private static String more(CommandSpec command) {
        return "; " + command.qualifiedName() + " --help says more";
    }

    /** The known word that is nearest to this one; the first of those that are equally near. */
    private static Optional<String> likely(String word, Collection<String> known) {
        return known.stream()
                .filter(name -> name.length() > MOST_ERRORS)
                .filter(name ->
                        distance(word, name) <= MOST_ERRORS || (word.length() > MOST_ERRORS && name.startsWith(word)))
                .min(Comparator.comparingInt(name -> distance(word, name)));
    }

    /** How many characters have to be added, left out or changed (Levenshtein). */
    private static int distance(String one, String other) {
        List<Integer> row = new ArrayList<>();
        for (int i = 0; i <= other.length(); i++) {
            row.add(i);
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row.getFirst();
            row.set(0, i);
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row.get(j);
                row.set(j, Math.min(changed, 1 + Math.min(diagonal, row.get(j - 1))));
            }
        }
        return row.getLast();
    }
}
