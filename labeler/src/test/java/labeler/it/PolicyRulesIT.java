package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import labeler.needs.Need;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The module's permissions and denials, checked in whole policies that semodule(8) built with it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyRulesIT {
    private static final Path RULES = ScratchPolicy.SOURCES.resolve("tests");

    /** Fewer would mean that a file was not found or not understood. */
    private static final int AT_LEAST = 40;

    private Path directory;

    private ScratchPolicy debianStore;
    private CompiledPolicy base;
    private CompiledPolicy debian;
    private CompiledPolicy fedora;
    private CompiledPolicy rhel9;
    private Set<String> ours;
    private Set<String> baseTransitions;
    private Set<String> baseRoles;

    @BeforeAll
    void the_module_is_installed_into_each_policy(@TempDir Path scratch) throws IOException {
        directory = scratch;
        Machine.requireRootAnd("semodule", "setsebool", "setfiles", "seinfo", "sesearch");
        Need.require(Files.isDirectory(Path.of("/var/lib/selinux/default/active")), "needs selinux-policy-default");
        debianStore = ScratchPolicy.debian(directory.resolve("debian"));
        base = CompiledPolicy.read(debianStore.binary());
        baseTransitions = lines("sesearch", "--type_trans");
        baseRoles = lines("sesearch", "--role_allow");
        debian = installed(debianStore);
        fedora = installed(ScratchPolicy.fedora(directory.resolve("fedora")));
        rhel9 = installed(ScratchPolicy.rhel9(directory.resolve("rhel9")));
        ours = new TreeSet<>(debian.types());
        ours.removeAll(base.types());
    }

    private static CompiledPolicy installed(ScratchPolicy store) throws IOException {
        Instant begin = Instant.now();
        Command install = store.labeler("install");
        assertThat(install.exitCode()).as("%s", install).isZero();
        System.out.println("policy " + store.type() + " built in "
                + Duration.between(begin, Instant.now()).toMillis() + " ms");
        return CompiledPolicy.read(store.binary());
    }

    @TestFactory
    Stream<DynamicTest> on_debian() throws IOException {
        return tests("debian.rules", debian);
    }

    @TestFactory
    Stream<DynamicTest> on_fedora() throws IOException {
        return Stream.concat(tests("fedora.rules", fedora), tests("virtqemud.rules", fedora));
    }

    @TestFactory
    Stream<DynamicTest> on_rhel_9() throws IOException {
        return Stream.concat(tests("fedora.rules", rhel9), tests("rhel9.rules", rhel9));
    }

    /** The difference between this policy and the other: if these names were declared, the tests would be the same. */
    @Test
    void rhel_9_has_neither_virtqemuds_domain_nor_a_type_of_hooks() {
        assertThat(fedora.types()).contains("virtqemud_t", "virt_hook_t");
        assertThat(rhel9.types()).doesNotContain("virtqemud_t", "virt_hook_t");
    }

    private static Stream<DynamicTest> tests(String file, CompiledPolicy policy) throws IOException {
        return PolicyAssertion.read(RULES.resolve(file)).stream()
                .filter(assertion -> assertion.kind() != PolicyAssertion.Kind.adds)
                .map(assertion -> dynamicTest(
                        assertion.text(),
                        () -> assertThat(assertion.fault(policy))
                                .as(assertion.text())
                                .isEmpty()));
    }

    @Test
    void there_are_at_least_forty_assertions() throws IOException {
        assertThat(PolicyAssertion.read(RULES.resolve("debian.rules"))).hasSizeGreaterThan(AT_LEAST);
    }

    @Test
    void domains_of_the_distribution_gain_nothing_but_what_is_listed() throws IOException {
        Set<String> listed = new TreeSet<>();
        for (PolicyAssertion assertion : PolicyAssertion.read(RULES.resolve("debian.rules"))) {
            if (assertion.kind() == PolicyAssertion.Kind.adds) {
                List<String> words = assertion.words();
                for (String permission : words.subList(3, words.size())) {
                    listed.add(String.join(" ", words.subList(0, 3)) + " " + permission);
                }
            }
        }
        assertThat(gained()).isEqualTo(listed);
    }

    /** "SOURCE TARGET CLASS PERMISSION" between types of the distribution, under any values of the booleans. */
    private Set<String> gained() {
        Set<CompiledPolicy.Rule> known = new HashSet<>(base.rules());
        List<CompiledPolicy.Rule> added =
                debian.rules().stream().filter(rule -> !known.contains(rule)).toList();
        Set<String> gained = new TreeSet<>();
        for (CompiledPolicy.Rule rule : added) {
            for (String source : distributions(debian.expand(rule.source()))) {
                for (String target : distributions(debian.expand(rule.target()))) {
                    for (String permission : rule.permissions()) {
                        if (!base.alwaysAllows(source, target, rule.objectClass(), permission)) {
                            gained.add(String.join(" ", source, target, rule.objectClass(), permission));
                        }
                    }
                }
            }
        }
        return gained;
    }

    private List<String> distributions(Set<String> types) {
        return types.stream().filter(type -> !ours.contains(type)).toList();
    }

    @Test
    void attributes_of_the_distribution_gain_no_type_but_ours() {
        for (String attribute : base.attributes()) {
            Set<String> gained = new TreeSet<>(debian.expand(attribute));
            gained.removeAll(base.expand(attribute));
            assertThat(ours).as(attribute).containsAll(gained);
        }
    }

    @Test
    void domains_are_entered_and_files_are_typed_by_these_transitions_alone() throws IOException {
        Set<String> gained = new TreeSet<>(lines("sesearch", "--type_trans"));
        gained.removeAll(baseTransitions);
        assertThat(gained).isEqualTo(Set.copyOf(Files.readAllLines(RULES.resolve("debian.transitions"))));
    }

    @Test
    void the_only_role_that_gains_a_change_is_staff_r() throws IOException {
        Set<String> gained = new TreeSet<>(lines("sesearch", "--role_allow"));
        gained.removeAll(baseRoles);
        assertThat(gained).containsExactly("allow staff_r system_r;");
    }

    @Test
    void a_rule_that_relabels_what_is_not_listed_is_not_even_built() throws IOException {
        ScratchPolicy store = ScratchPolicy.fedora(directory.resolve("broken"));
        Path broken = Files.writeString(
                directory.resolve("labeler.cil"),
                Files.readString(ScratchPolicy.MODULE) + "(allow labelerd_t shadow_t (file (relabelto)))\n");

        Command install = Command.run(
                Map.of(),
                List.of(
                        "semodule",
                        "--noreload",
                        "--path",
                        store.root().toString(),
                        "--store",
                        store.type(),
                        "--install",
                        broken.toString()));

        assertThat(install.exitCode()).isNotZero();
        assertThat(install.err()).contains("neverallow check failed");
    }

    @Test
    void the_files_of_the_program_have_types_of_their_own() throws IOException {
        for (String line : Files.readAllLines(RULES.resolve("paths"))) {
            String[] words = line.strip().split("\\s+", -1);
            Command lookup = Command.run(
                    Map.of(),
                    List.of(
                            "selabel_lookup",
                            "-b",
                            "file",
                            "-f",
                            debianStore.fileContexts().toString(),
                            "-t",
                            mode(words[0]),
                            "-k",
                            words[1]));
            assertThat(lookup.out() + lookup.err()).as(line).contains(words[2]);
        }
    }

    /** The kind of a file as selabel_lookup(8) takes it: the number in stat(2). It takes any other word for all kinds. */
    private static String mode(String kind) {
        return Integer.toString(
                switch (kind) {
                    case "f" -> 0x8000;
                    case "d" -> 0x4000;
                    case "s" -> 0xC000;
                    case "l" -> 0xA000;
                    default -> throw new AssertionError(kind);
                });
    }

    private Set<String> lines(String... query) throws IOException {
        List<String> command = new ArrayList<>(List.of(query));
        command.add(debianStore.binary().toString());
        return new TreeSet<>(
                Command.done(command.toArray(String[]::new)).lines().toList());
    }
}
