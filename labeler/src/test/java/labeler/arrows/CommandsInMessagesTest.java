package labeler.arrows;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * People copy commands out of messages into the shell of root, and an attacker may choose a file's or a VM's name. So what a
 * message adds to a command is a {@code ShellWord}.
 */
class CommandsInMessagesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> SOURCES =
            List.of("chain-model/src/main/java", "native-bindings/src/main/java", "labeler/src/main/java");

    private static final Pattern MESSAGE = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*+)\"");

    private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"");

    private static final String COMMAND =
            "(?:\\blabeler(?: [a-z]+)+|\\b(?:chcon|chmod|chown|find|kill|ls|mount|mv|qemu-img|restorecon|rm|semanage"
                    + "|setsebool|systemctl|umount|virsh)\\b[^,;:.`()]*)(?: -[A-Za-z-]+(?: [A-Z]+)?)* ['\"]?";

    private static final Pattern COMMAND_BEGINS = Pattern.compile("(" + COMMAND + ")$");

    private static final Pattern PLACEHOLDER = Pattern.compile(COMMAND + "(?:\\{}|%s)");

    /** What is added next, up to the next message or the end of the argument. */
    private static final Pattern ADDED = Pattern.compile("\\G\\s*+\\+\\s*+([^\"+;]+)");

    /** A word between words of a command ends no command. */
    private static final Pattern BETWEEN = Pattern.compile("\\G\\s*\\+\\s*\"[ =]\"");

    private static final Pattern WORD = Pattern.compile("ShellWord\\.(?:of|last)\\(.*", Pattern.DOTALL);

    private static final String BOOLEAN = "a boolean of the policy";
    private static final String CONTEXT = "a part of a context, which has only characters of policy languages";
    private static final String NO_COMMAND = "says what virsh does";

    /** What needs no {@code ShellWord}, each with its reason. */
    private static final Map<String, String> SAFE = Map.ofEntries(
            Map.entry("HostExamination.java: setsebool -P + name", BOOLEAN),
            Map.entry("Judgement.java: setsebool -P + name", BOOLEAN),
            Map.entry("PolicyText.java: setsebool -P + name", BOOLEAN),
            Map.entry("ClusterCommand.java: setsebool -P + CONNECTING", BOOLEAN),
            Map.entry("ClusterCommand.java: setsebool -P + (value ?", "on or off"),
            Map.entry("Resting.java: semanage fcontext -a -t + context.type()", CONTEXT),
            Map.entry("Confinement.java: semanage permissive -d + planned.type()", CONTEXT),
            Map.entry(
                    "DenialExplanation.java: find MOUNT-POINT -xdev -inum"
                            + " + (denial.inode().isPresent() ? denial.inode().getAsLong() :",
                    "a number"),
            Map.entry("Refusal.java: labeler cluster fence + host", "a host's name: letters, digits, points, dashes"),
            Map.entry("ImageRules.java: labeler chain + image(found)", "is a ShellWord"),
            Map.entry("Adoption.java: virsh finds the domain + emulator.get().domain()", NO_COMMAND),
            Map.entry("DefinedDomains.java: virsh finds the domain + found.get()", NO_COMMAND),
            Map.entry("Virsh.java: virsh + arguments[0]", NO_COMMAND));

    private static List<String> faults(String source) {
        String joined = JOINED.matcher(source).replaceAll("");
        List<String> faults = new ArrayList<>();
        Matcher message = MESSAGE.matcher(joined);
        while (message.find()) {
            Matcher command = COMMAND_BEGINS.matcher(message.group(1));
            if (command.find()) {
                added(joined, message.end()).stream()
                        .filter(not(WORD.asMatchPredicate()))
                        .forEach(added -> faults.add(command.group(1).strip() + " + " + added));
            }
            String statement = joined.substring(message.end(), joined.indexOf(';', message.end()));
            if (PLACEHOLDER.matcher(message.group(1)).find() && !statement.contains("ShellWord.")) {
                faults.add(message.group(1));
            }
        }
        return faults;
    }

    private static List<String> added(String source, int from) {
        List<String> added = new ArrayList<>();
        Matcher next = ADDED.matcher(source);
        Matcher between = BETWEEN.matcher(source);
        for (int at = from; next.find(at); at = between.find(next.end()) ? between.end() : next.end()) {
            added.add(next.group(1).strip());
        }
        return added;
    }

    @Test
    void the_words_after_a_command_are_found() {
        assertThat(faults("""
            "see: labeler libvirt" + " release " + name + ", or labeler disk detach " + name + " " + disk.id();
            "restorecon -F '" + path.printable() + "'"; "labeler trust " + ShellWord.of(path) + ", or " + path;
            LOG.warn("until labeler stop {}", name); LOG.warn("until labeler stop {}", ShellWord.last(name));\
            """))
                .containsExactly(
                        "labeler libvirt release + name",
                        "labeler disk detach + name",
                        "labeler disk detach + disk.id()",
                        "restorecon -F ' + path.printable()",
                        "until labeler stop {}");
    }

    @Test
    void what_a_message_adds_to_a_command_is_a_word_of_a_shell() throws IOException {
        Set<String> faults = new TreeSet<>();
        for (String source : SOURCES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(source))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    faults(Files.readString(file)).forEach(fault -> faults.add(file.getFileName() + ": " + fault));
                }
            }
        }
        assertThat(faults).containsExactlyInAnyOrderElementsOf(SAFE.keySet());
    }
}
