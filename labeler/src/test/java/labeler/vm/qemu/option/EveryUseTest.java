package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For any use of a file by a VM, another VM's disk is a conflict. Another user's link is refused, and so is a file that
 * is not regular. Enumerated over every kind of use, and over every option that declares one.
 */
class EveryUseTest {
    private static final String NAME = FileTemplates.NAME;
    private static final Map<String, List<String>> OPTIONS = FileTemplates.OPTIONS;
    private static final Origin ORIGIN = new Origin("test");

    /** Uses without a file of that name: a directory for nameless files, and files that other programs make. */
    private static final Set<Making> WITHOUT_FILE = EnumSet.of(Making.NAMELESS, Making.ELSEWHERE);

    private final JudgedUses host = new JudgedUses();

    static Stream<DeclaredUse> uses(List<HostPath> paths, Set<Making> without) {
        List<DeclaredUse> uses = new ArrayList<>();
        for (HostPath path : paths) {
            for (FileRole role : FileRole.values()) {
                for (UseAccess access : UseAccess.values()) {
                    uses.add(new DeclaredUse.FileUse(ORIGIN, role, path, access));
                    uses.add(new DeclaredUse.SearchedUse(ORIGIN, role, List.of(HostPath.of("/absent"), path), access));
                    uses.add(new DeclaredUse.OptionalUse(ORIGIN, role, path, access));
                }
                for (Access access : Access.values()) {
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), false));
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), true));
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), false, true));
                }
                for (Making making : Making.values()) {
                    if (!without.contains(making)) {
                        uses.add(new DeclaredUse.MadeByQemu(ORIGIN, role, path, making, "qemu makes it"));
                    }
                }
            }
        }
        return uses.stream();
    }

    private static ImageRequest image(HostPath path, Access access) {
        return new ImageRequest(
                FileName.of(path.bytes()),
                new ImageRequest.Declared(ImageFormat.RAW),
                access,
                new ImageRequest.NoBacking(),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
    }

    @Test
    void no_kind_of_use_gets_what_is_another_vms_another_users_or_no_file() {
        assertThat(uses(JudgedUses.FORBIDDEN, WITHOUT_FILE))
                .allSatisfy(use -> assertRefused(use.toString(), host.problems(definition(use))));
    }

    private static VmDefinition definition(DeclaredUse use) {
        return new VmDefinition(
                List.of(use), List.of(), Optional.empty(), VmDefinition.Acceleration.HARDWARE, List.of());
    }

    @Test
    void no_kind_of_use_gets_a_file_of_the_service() {
        assertThat(uses(JudgedUses.SERVICES, EnumSet.of(Making.NAMELESS)))
                .allSatisfy(use -> assertThat(host.problems(definition(use)))
                        .as(use.toString())
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.SERVICE_FILE));
    }

    static Stream<DeclaredUse> trees(List<HostPath> roots) {
        return roots.stream()
                .flatMap(root -> Stream.of(UseAccess.values())
                        .map(access -> new DeclaredUse.TreeUse(ORIGIN, FileRole.TREE, root, access)));
    }

    private static final List<HostPath> TREES_OF_SERVICE = Stream.of(
                    JudgedUses.JOURNAL, JudgedUses.SETTINGS, JudgedUses.PROGRAM)
            .map(HostPath::parent)
            .toList();

    @Test
    void no_tree_is_what_is_no_directory_or_has_files_of_the_service() {
        assertThat(trees(JudgedUses.FORBIDDEN))
                .allSatisfy(tree -> assertThat(host.problems(definition(tree)))
                        .as(tree.toString())
                        .isNotEmpty());
        assertThat(trees(TREES_OF_SERVICE)).allSatisfy(tree -> assertOfService(tree.toString(), definition(tree)));
    }

    private void assertOfService(String what, VmDefinition definition) {
        assertThat(host.problems(definition))
                .as(what)
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.SERVICE_FILE));
    }

    static Stream<DeclaredUse> devices(List<HostDevice> devices) {
        return devices.stream()
                .flatMap(device -> Stream.of(true, false)
                        .map(mayBeMissing -> new DeclaredUse.DeviceUse(
                                ORIGIN, FileRole.HOST_DEVICE, device, !mayBeMissing, mayBeMissing)));
    }

    @Test
    void no_address_of_a_device_leads_to_what_is_another_vms_another_users_or_the_services() {
        assertThat(devices(JudgedUses.FORBIDDEN_DEVICES))
                .allSatisfy(use -> assertRefused(use.toString(), host.problems(definition(use))));
        assertThat(devices(List.of(JudgedUses.JOURNAL_DEVICE)))
                .allSatisfy(use -> assertOfService(use.toString(), definition(use)));
    }

    @Test
    void every_kind_of_use_is_among_them() {
        Set<Class<?>> kinds = Stream.of(
                        uses(JudgedUses.FORBIDDEN, WITHOUT_FILE),
                        trees(JudgedUses.FORBIDDEN),
                        devices(JudgedUses.FORBIDDEN_DEVICES))
                .flatMap(Function.identity())
                .map(Object::getClass)
                .collect(Collectors.toSet());
        assertThat(kinds).containsExactlyInAnyOrder(DeclaredUse.class.getPermittedSubclasses());
    }

    @Test
    void nothing_is_made_among_the_files_of_the_service() {
        for (String path : List.of("/service/state/new", "/service/run/new", "/service/run/vms/new")) {
            for (Making making : EnumSet.complementOf(EnumSet.of(Making.NAMELESS))) {
                DeclaredUse made = new DeclaredUse.MadeByQemu(
                        ORIGIN, FileRole.PID_FILE, HostPath.of(path), making, "qemu makes it");
                assertThat(host.problems(definition(made)))
                        .as(made.toString())
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.SERVICE_FILE);
            }
            DeclaredUse log = new DeclaredUse.FileUse(ORIGIN, FileRole.LOG, HostPath.of(path), UseAccess.CREATE);
            assertThat(host.problems(definition(log)))
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.SERVICE_FILE);
        }
        DeclaredUse nameless = new DeclaredUse.MadeByQemu(
                ORIGIN, FileRole.MEMORY, HostPath.of("/service/state"), Making.NAMELESS, "qemu makes it");
        assertThat(host.problems(definition(nameless)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.SERVICE_FILE);
    }

    @Test
    void a_vms_runtime_directory_is_the_vms() {
        HostPath pid = HostPath.of("/service/run/vms/web1/pid");
        for (Making making : EnumSet.complementOf(EnumSet.of(Making.NAMELESS))) {
            assertThat(host.problems(definition(
                            new DeclaredUse.MadeByQemu(ORIGIN, FileRole.PID_FILE, pid, making, "qemu makes it"))))
                    .isEmpty();
        }
        assertThat(host.problems(definition(new DeclaredUse.MadeByQemu(
                        ORIGIN, FileRole.MEMORY, pid.parent(), Making.NAMELESS, "qemu makes it"))))
                .isEmpty();
        // This path leads out of the directory again.
        HostPath out = HostPath.of("/service/run/vms/web1/../../labelerd.lock");
        assertThat(host.problems(definition(new DeclaredUse.FileUse(ORIGIN, FileRole.LOG, out, UseAccess.CREATE))))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.SERVICE_FILE);
    }

    private static void assertRefused(String what, List<Problem> problems) {
        assertThat(problems).as(what).isNotEmpty();
        assertThat(problems)
                .as(what)
                .allSatisfy(problem -> assertThat(problem.kind()).isIn(Problem.Kind.IN_USE, Problem.Kind.NOT_A_FILE));
    }

    static Stream<String> options() {
        return OPTIONS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("options")
    void no_option_gets_what_is_another_vms_another_users_the_services_or_no_file(String option) {
        for (String template : OPTIONS.getOrDefault(option, List.of())) {
            for (HostPath path : JudgedUses.FORBIDDEN) {
                String argument = template.replace(NAME, path.toString());
                VmDefinition definition = ParsedOptions.parse("-" + option, argument);
                assertThat(definition.problems()).as(argument).isEmpty();
                assertRefused("-" + option + " " + argument, host.problems(definition));
            }
            for (HostPath path : JudgedUses.SERVICES) {
                String argument = template.replace(NAME, path.toString());
                assertThat(host.problems(ParsedOptions.parse("-" + option, argument)))
                        .as("-" + option + " " + argument)
                        .extracting(Problem::kind)
                        .contains(Problem.Kind.SERVICE_FILE);
            }
        }
    }

    private static void each(Map<String, List<String>> templates, BiConsumer<String, String> test) {
        templates.forEach((option, all) -> all.forEach(template -> test.accept("-" + option, template)));
    }

    @Test
    void no_option_gets_a_tree_that_is_no_directory_or_has_files_of_the_service() {
        each(FileTemplates.TREES, (option, template) -> {
            for (HostPath path : JudgedUses.FORBIDDEN) {
                VmDefinition definition = ParsedOptions.parse(option, template.replace(NAME, path.toString()));
                assertThat(definition.problems()).as(template).isEmpty();
                assertThat(host.problems(definition)).as(template).isNotEmpty();
            }
            for (HostPath root : TREES_OF_SERVICE) {
                assertOfService(template, ParsedOptions.parse(option, template.replace(NAME, root.toString())));
            }
        });
    }

    @Test
    void no_option_gets_files_of_such_names_in_a_directory() {
        each(FileTemplates.DIRECTORIES, (option, template) -> {
            for (HostPath directory : JudgedUses.FORBIDDEN_KEYS) {
                VmDefinition definition = ParsedOptions.parse(option, template.replace(NAME, directory.toString()));
                assertThat(definition.problems()).as(template).isEmpty();
                assertRefused(template + " " + directory, host.problems(definition));
            }
            String journals = template.replace(NAME, JudgedUses.JOURNAL_KEYS.toString());
            assertOfService(journals, ParsedOptions.parse(option, journals));
        });
    }

    @Test
    void every_option_that_is_not_among_them_declares_no_file() {
        Set<String> declaring = OptionTable.all().stream()
                .map(Option::name)
                .filter(name -> !OPTIONS.containsKey(name) && !FileTemplates.TREES.containsKey(name))
                .filter(EveryUseTest::declaresAnything)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(declaring).isEmpty();
    }

    private static boolean declaresAnything(String option) {
        return Stream.of("/vm/free", "x,file=/vm/free", "x,path=/vm/free", "unix:/vm/free", "file:/vm/free")
                .anyMatch(argument -> !ParsedOptions.parse("-" + option, argument).uses().stream()
                        .filter(use -> use.origin().text().contains("-" + option))
                        .toList()
                        .isEmpty());
    }

    @Test
    void a_name_that_is_free_may_be_made() {
        assertThat(host.problems(ParsedOptions.parse("-pidfile", "/vm/free", "-serial", "unix:/vm/socket,server=on")))
                .isEmpty();
    }
}
