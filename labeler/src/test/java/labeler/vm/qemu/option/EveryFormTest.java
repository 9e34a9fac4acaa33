package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import labeler.fileset.NoService;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.jna.JnaLinux;
import labeler.problem.Problem;
import labeler.vm.qemu.option.TriedForm.Excuse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real qemu starts with each form of the page about options. It opens what the form names, and nothing else of the whole
 * host but what {@code system-opens.txt} lists.
 */
class EveryFormTest {
    private static final Map<String, TriedForm> TABLE = TriedForm.table();
    private static final SystemOpens SYSTEM = SystemOpens.read();
    private static final Path PAGE = Path.of("../docs/coverage-qemu.md");

    /** One qemu, and what it was to open. */
    private record Tried(
            QemuCommandLine line, QemuCommandLine alone, NamedFiles named, PlanOfLine plan, OpenedByQemu opened) {}

    private static final Linux LINUX = JnaLinux.create();

    @TempDir
    static Path directory;

    private static final ExecutorService QEMUS =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors() + 1);

    private static final Map<String, Future<Tried>> TRIED = new HashMap<>();

    @BeforeAll
    static void startThemAll() throws Exception {
        for (String program : List.of(InstalledQemu.QEMU, "strace", "openssl", "mkfifo")) {
            InstalledQemu.require(program);
        }
        Path keys = Files.createDirectory(directory.resolve("keys"));
        TriedDirectory.makeKeys(keys);
        for (String form : forms().toList()) {
            Path own = directory.resolve(String.valueOf(TRIED.size()));
            TRIED.put(form, QEMUS.submit(() -> run(row(form), own, keys)));
        }
    }

    @AfterAll
    static void end() {
        QEMUS.shutdownNow();
    }

    private static Tried run(TriedForm form, Path own, Path keys) throws IOException, InterruptedException {
        try (TriedDirectory prepared = TriedDirectory.make(own, form.named(), keys)) {
            List<String> words =
                    form.words().stream().map(word -> in(own, word)).toList();
            QemuCommandLine line = read(words, own);
            List<String> itself = new TriedForm(form.form())
                    .words().stream().map(word -> in(own, word)).toList();
            QemuCommandLine alone = read(itself, own);
            // Before qemu makes any file.
            NamedFiles named = NamedFiles.of(line, own);
            PlanOfLine plan =
                    PlanOfLine.of(LINUX, NoService.PLACES, _ -> Optional.empty(), line.definition(), line.lookedFor());
            OpenedByQemu opened = line.definition().problems().isEmpty()
                    ? OpenedByQemu.with(words, prepared.path())
                    : new OpenedByQemu(own, Map.of(), "");
            return new Tried(line, alone, named, plan, opened);
        }
    }

    private static TriedForm row(String form) {
        return Optional.ofNullable(TABLE.get(form)).orElseGet(() -> new TriedForm(form));
    }

    private static String in(Path own, String word) {
        return word.replace("/vm/", own + "/")
                .replace(FileTemplates.NAME, own + "/x")
                .replace("DIR", own.toString());
    }

    private static QemuCommandLine read(List<String> words, Path own) {
        return QemuCommandLine.read(
                Stream.concat(Stream.of(InstalledQemu.QEMU), words.stream())
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of(own.toString()));
    }

    /** Each form of the page, each that other tests have, and those of no table. */
    static Stream<String> forms() {
        Set<String> forms = new LinkedHashSet<>();
        OptionTable.all().stream()
                .map(Option::name)
                .forEach(option -> PageForms.written(option).forEach(form -> forms.add("-" + option + " " + form)));
        for (Map<String, List<String>> more : List.of(FileTemplates.TREES, FileTemplates.DIRECTORIES)) {
            more.forEach((option, all) -> all.forEach(form -> forms.add("-" + option + " " + form)));
        }
        TABLE.keySet().stream().filter(form -> form.startsWith("+ ")).forEach(forms::add);
        return forms.stream();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void qemu_opens_what_a_form_names_and_nothing_else(String form) throws Exception {
        Tried tried = Objects.requireNonNull(TRIED.get(form)).get();
        if (!tried.alone().definition().problems().isEmpty()) {
            assertThat(TABLE).as("a form that is refused is not tried").doesNotContainKey(form);
            return;
        }
        assertThat(tried.line().definition().problems()).as(form).isEmpty();
        assertThat(tried.opened().without(tried.named(), SYSTEM))
                .as(
                        "%s opens what is in no use, which name %s",
                        form, tried.named().writes())
                .isEmpty();
        assertPlanned(form, tried);
        assertOpened(form, tried);
    }

    /** Each file that is there is in the plan as well. The VM does not start only if this host lacks a device. */
    private static void assertPlanned(String form, Tried tried) {
        assertThat(tried.plan().problems())
                .as(form)
                .allSatisfy(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.MISSING));
        if (tried.plan().problems().isEmpty()) {
            NamedFiles planned = new NamedFiles(tried.plan().writes());
            Map<String, Boolean> others = tried.opened().without(planned, SYSTEM);
            others.keySet().removeIf(path -> !Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS));
            assertThat(others)
                    .as(
                            "%s opens what is not in the plan, which has %s",
                            form, tried.plan().writes())
                    .isEmpty();
        }
    }

    private static void assertOpened(String form, Tried tried) {
        OpenedByQemu opened = tried.opened();
        List<List<String>> closed = NamedFiles.needed(tried.alone().definition())
                .filter(names -> names.stream().noneMatch(opened::has))
                .toList();
        Optional<Excuse> excuse = row(form).excuse();
        if (excuse.isEmpty()) {
            assertThat(closed)
                    .as("%s: not opened, and qemu says: %s", form, opened.said())
                    .isEmpty();
            return;
        }
        switch (excuse.get()) {
            case Excuse.Later() ->
                assertThat(closed).as(form + ": opened at once").isNotEmpty();
            case Excuse.Build(String words) -> {
                assertThat(closed).as(form + ": this qemu has it").isNotEmpty();
                assertThat(words).as(form + ": words of qemu").isNotEmpty();
                assertThat(opened.said()).as(form).contains(words);
            }
            case Excuse.Host(String words) -> {
                if (!closed.isEmpty()) {
                    assertThat(opened.said()).as(form).contains(words);
                }
            }
        }
    }

    @Test
    void each_row_is_for_a_form() {
        assertThat(forms()).containsAll(TABLE.keySet());
    }

    @Test
    void the_page_names_each_node_of_the_host_that_qemu_opens_by_itself() throws Exception {
        String page = Files.readString(PAGE);
        String list = page.substring(page.indexOf("## What no command line says"), page.indexOf("## Option by option"));
        Set<String> opened = new HashSet<>();
        for (Future<Tried> one : TRIED.values()) {
            opened.addAll(one.get().opened().writes().keySet());
        }
        assertThat(SYSTEM.rows().stream().filter(SystemOpens.Row::isOnPage))
                .isNotEmpty()
                .allSatisfy(row -> {
                    assertThat(list).contains("`" + row.name().replaceFirst("[/*]$", ""));
                    assertThat(opened).anyMatch(path -> row.covers(path, directory));
                });
    }
}
