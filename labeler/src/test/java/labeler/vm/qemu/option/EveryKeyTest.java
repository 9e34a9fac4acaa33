package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Every key by which an option names a file has a template, so that {@link EveryUseTest} tries it: with each object type,
 * driver and back end for which it means one. Keys and types are tried that are texts in the program that reads options. It
 * knows no others.
 */
class EveryKeyTest {
    private static final Path SOURCES = Path.of("src/main/java/labeler/vm/qemu");
    private static final Pattern TEXT = Pattern.compile("\"\"\"(.*?)\"\"\"|\"([^\"\\n]*)\"", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9._]*");

    /** A directory of files that are named after the number of the key. */
    private static final String PLACE = "/vm/key";

    private static final Pattern OF_KEY = Pattern.compile("^" + PLACE + "([0-9]+)");

    /** So many arguments share the keys, once so and once so: a key may hide another, and hardly does in both. */
    private static final List<Integer> SHARES = List.of(7, 11);

    /** Keys that templates leave out, as people do. */
    private static final Set<String> LEFT_OUT = Set.of("path", "vnc");

    private static final String NO_TYPE = "x-never";

    /** Settings without which some keys are not read. */
    private static final List<String> COMPANIONS = List.of(
            "",
            ",server=on,tls-port=1,addr.type=unix,local.type=unix,remote.type=unix,server.type=unix,endpoint=server");

    /** What the value may begin with. */
    private static final List<String> BEGINS = List.of("", "unix:", "unix:path=");

    private static final Set<String> WORDS = ofProgram();

    /**
     * A form of an option.
     *
     * @param before whatever stands there before the type, or before keys
     * @param between the type and the keys
     * @param separator of two keys
     */
    record Form(String option, String before, String between, String separator) {
        Form(String option, String before) {
            this(option, before, "", ",");
        }

        /** Of devices there are many, and no setting of theirs says whether another is read. */
        List<String> companions() {
            return option.equals("device") ? List.of("") : COMPANIONS;
        }

        @Override
        public String toString() {
            return "-" + option + " " + before;
        }
    }

    /** Options of which the first word is a type. */
    private static final List<Form> TYPED = List.of(
            new Form("object", "", ",id=x,", ","),
            new Form("device", "", ",", ","),
            new Form("chardev", "", ",id=x,", ","),
            new Form("blockdev", "driver=", ",node-name=n,", ","),
            new Form("netdev", "", ",id=x,", ","),
            new Form("tpmdev", "", ",id=x,", ","),
            new Form("audiodev", "", ",id=x,", ","),
            new Form("fsdev", "", ",id=x,", ","));

    private static Set<String> ofProgram() {
        Set<String> words = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                TEXT.matcher(Files.readString(file))
                        .results()
                        .map(text -> text.group(1) == null ? text.group(2) : text.group(1))
                        .forEach(text -> WORD.matcher(text)
                                .results()
                                .map(MatchResult::group)
                                .forEach(words::add));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return words;
    }

    /** The keys that name a file. */
    private static Set<String> naming(Form form, String type, List<String> begins) {
        List<String> keys = List.copyOf(WORDS);
        Set<String> naming = new TreeSet<>();
        for (int share : SHARES) {
            for (int number = 0; number < share; number++) {
                int rest = number;
                List<Integer> some = IntStream.range(0, keys.size())
                        .filter(key -> key % share == rest)
                        .boxed()
                        .toList();
                for (String begin : begins) {
                    String settings = some.stream()
                            .map(key -> keys.get(key) + "=" + begin + PLACE + key)
                            .collect(Collectors.joining(form.separator()));
                    form.companions().stream()
                            .map(companion -> form.before() + type + form.between() + settings + companion)
                            .flatMap(argument -> named(form.option(), argument))
                            .map(keys::get)
                            .forEach(naming::add);
                }
            }
        }
        return naming;
    }

    /** The numbers of keys of which the file is used. */
    private static Stream<Integer> named(String option, String argument) {
        return ParsedOptions.parse("-" + option, argument).uses().stream()
                .flatMap(use -> use.names().stream())
                .flatMap(name -> OF_KEY.matcher(name.toString()).results())
                .map(found -> Integer.valueOf(found.group(1)));
    }

    private static boolean isKnown(Form form, String type) {
        return !messages(form, type).equals(messages(form, NO_TYPE));
    }

    private static List<String> messages(Form form, String type) {
        return ParsedOptions.parse("-" + form.option(), form.before() + type + form.between()).problems().stream()
                .map(Problem::message)
                .map(message -> message.replace(type, ""))
                .toList();
    }

    private static boolean hasTemplate(String option, String begin, String key) {
        Pattern setting = Pattern.compile(
                "(^|.*[,:])" + Pattern.quote(key) + "=[a-z:=]*NAME.*" + (LEFT_OUT.contains(key) ? "|unix:NAME.*" : ""));
        return Stream.of(FileTemplates.OPTIONS, FileTemplates.TREES, FileTemplates.DIRECTORIES)
                .flatMap(templates -> templates.getOrDefault(option, List.of()).stream())
                .filter(template -> template.startsWith(begin))
                .anyMatch(template -> setting.matcher(template).matches());
    }

    @ParameterizedTest
    @FieldSource("TYPED")
    void each_key_of_each_type_has_a_template(Form form) {
        Set<String> ofAll = naming(form, NO_TYPE, List.of(""));
        List<String> without = new ArrayList<>();
        ofAll.stream()
                .filter(key -> !hasTemplate(form.option(), "", key))
                .forEach(key -> without.add(form + "TYPE: " + key));
        boolean anyTypeWillDo = form.option().equals("device");
        for (String type : WORDS) {
            if (!type.contains(".") && (anyTypeWillDo || isKnown(form, type))) {
                naming(form, type, List.of("")).stream()
                        .filter(key -> !ofAll.contains(key))
                        .filter(key -> !hasTemplate(form.option(), form.before() + type + ",", key))
                        .forEach(key -> without.add(form + type + ": " + key));
            }
        }
        assertThat(without).as("without a template in FileTemplates").isEmpty();
    }

    private static List<Form> untyped() {
        Set<String> typed = TYPED.stream().map(Form::option).collect(Collectors.toSet());
        List<Form> forms = new ArrayList<>();
        OptionTable.all().stream()
                .filter(Option::takesArgument)
                .map(Option::name)
                .filter(name -> !typed.contains(name))
                .forEach(name ->
                        Stream.of("", "unix:/vm/socket,server=on,").forEach(begin -> forms.add(new Form(name, begin))));
        forms.add(new Form("drive", "format=raw,file=rbd:pool/image:", "", ":"));
        return forms;
    }

    @Test
    void each_key_of_all_other_options_has_a_template() {
        Set<String> without = new TreeSet<>();
        for (Form form : untyped()) {
            naming(form, "", BEGINS).stream()
                    .filter(key -> !hasTemplate(form.option(), "", key))
                    .forEach(key -> without.add(form + ": " + key));
        }
        assertThat(without).as("without a template in FileTemplates").isEmpty();
    }
}
