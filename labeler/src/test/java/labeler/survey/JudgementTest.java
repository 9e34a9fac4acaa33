package labeler.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.selinux.CategoryPair;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost.Mode;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.survey.ImageProblem.NamedBy;
import org.junit.jupiter.api.Test;

class JudgementTest {
    private static final VirtualContexts CONTEXTS = new VirtualContexts(
            context("svirt_t:s0"), Optional.empty(), context("svirt_image_t:s0"), context("virt_content_t:s0"));
    private static final ProcessWall WALL = new ProcessWall.Stands("SELinux");

    private final List<VmFacts> vms = new ArrayList<>();
    private final List<FileFacts> files = new ArrayList<>();
    private final List<ImageProblem> problems = new ArrayList<>();
    private List<String> booleans = List.of();
    private Mode mode = Mode.ENFORCING;
    private Optional<Set<CategoryPair>> pairs = Optional.of(Set.of(CategoryPair.of(1, 2)));

    private static SecurityContext context(String typeAndLevel) {
        return SecurityContext.parse("system_u:object_r:" + typeAndLevel).orElseThrow();
    }

    private static FileFacts file(int inode, String label) {
        return file("/vm/" + inode, inode, label);
    }

    private static FileFacts file(String path, int inode, String label) {
        return new FileFacts(
                HostPath.of(path),
                new FileIdentity(1, inode, Optional.empty()),
                label.isEmpty() ? Optional.empty() : Optional.of(StoredLabel.of(context(label))),
                Optional.empty(),
                Optional.empty());
    }

    private static FileFacts shared(int inode, String label) {
        FileFacts file = file(inode, label);
        return new FileFacts(file.path(), file.identity(), file.label(), file.expected(), Optional.of("nfs4"));
    }

    private static VmFileFacts disk(int inode, boolean written) {
        return new VmFileFacts(file(inode, ""), true, written, false, true);
    }

    private static ProcessFacts process(int pid, ProcessWall wall, String level, Set<FileIdentity> writing) {
        return new ProcessFacts(
                new Pid(pid),
                0,
                wall,
                Optional.of(context("svirt_t:" + level)),
                Optional.of(new OpenFiles(writing, writing, Set.of())));
    }

    private void running(String name, int pid, String level, VmFileFacts... its) {
        vm(name, Optional.of(process(pid, WALL, level, Set.of())), its);
    }

    private void vm(String name, Optional<ProcessFacts> process, VmFileFacts... its) {
        vms.add(new VmFacts(
                new VmIdentity(Optional.of(name), process.map(ProcessFacts::pid)), process, List.of(its), List.of()));
    }

    private Survey survey() {
        return Judgement.of(new Sight(
                new HostFacts(mode, CONTEXTS, booleans, pairs, vms, files, problems),
                new Looked(vms.size(), 0, files.size(), 0),
                List.of()));
    }

    private Flaw only() {
        assertThat(survey().findings()).hasSize(1);
        return survey().findings().getFirst();
    }

    @Test
    void a_host_without_anything_is_safe_and_completely_seen() {
        assertThat(survey()).isEqualTo(new Survey(true, true, new Looked(0, 0, 0, 0), List.of(), List.of()));
    }

    @Test
    void two_that_write_one_image_are_a_danger_if_both_run_and_a_warning_otherwise() {
        running("web1", 1, "s0:c1,c2", disk(7, true));
        running("web2", 2, "s0:c3,c4", disk(7, true));
        assertThat(only().kind()).isEqualTo(FlawKind.SHARED_IMAGE);
        assertThat(only().severity()).isEqualTo(Severity.DANGER);
        assertThat(only().harm()).startsWith("web1 (process 1) and web2 (process 2) write it");
        assertThat(only().file()).hasValue(HostPath.of("/vm/7"));
        assertThat(survey().safe()).isFalse();

        vms.removeLast();
        vm("web2", Optional.empty(), new VmFileFacts(file(7, ""), true, true, false, false));
        assertThat(only().severity()).isEqualTo(Severity.WARNING);
        assertThat(only().harm()).contains("web2 (not running)", "if they run at the same time");
    }

    @Test
    void one_that_reads_what_another_writes_is_told_of() {
        running("web1", 1, "s0:c1,c2", disk(7, true));
        running("web2", 2, "s0:c3,c4", disk(7, false));
        assertThat(only().harm()).startsWith("web1 (process 1) writes it, and for web2 (process 2)");
    }

    @Test
    void images_that_are_only_read_or_shared_by_all_are_no_conflict() {
        VmFileFacts shared = new VmFileFacts(file(8, ""), true, true, true, true);
        running("web1", 1, "s0:c1,c2", disk(7, false), shared);
        running("web2", 2, "s0:c3,c4", disk(7, false), shared);
        assertThat(survey().findings()).isEmpty();
    }

    @Test
    void one_vm_may_name_its_image_twice() {
        running("web1", 1, "s0:c1,c2", disk(7, true), disk(7, false));
        assertThat(survey().findings()).isEmpty();
    }

    @Test
    void a_disk_that_joined_later_counts_by_what_the_process_has_open() {
        FileIdentity image = new FileIdentity(1, 7, Optional.empty());
        FileIdentity log = new FileIdentity(1, 99, Optional.empty());
        running("web1", 1, "s0:c1,c2", disk(7, true), new VmFileFacts(file(99, ""), false, true, false, true));
        vm("web2", Optional.of(process(2, WALL, "s0:c3,c4", Set.of(image, log))));
        assertThat(only().file()).hasValue(HostPath.of("/vm/7"));
    }

    @Test
    void two_processes_with_one_pair_are_a_danger() {
        running("web1", 1, "s0:c1,c2");
        running("web2", 2, "s0:c1,c2");
        running("web3", 3, "s0:c1,c3");
        assertThat(only().kind()).isEqualTo(FlawKind.SAME_PAIR);
        assertThat(only().names()).isEqualTo("web1 (process 1), web2 (process 2)");
    }

    @Test
    void a_process_without_a_wall_is_worse_as_root_and_one_that_nobody_can_judge_is_said() {
        vm("web1", Optional.of(process(1, new ProcessWall.Missing("nothing"), "s0", Set.of())));
        assertThat(only().severity()).isEqualTo(Severity.DANGER);
        assertThat(only().harm()).contains("whatever root may");

        vms.clear();
        vm("web1", Optional.of(process(1, new ProcessWall.Unknown("nobody sees it"), "s0", Set.of())));
        assertThat(survey().findings()).isEmpty();
        assertThat(survey().unseen()).containsExactly(new Unseen("the wall around web1 (process 1)", "nobody sees it"));
        assertThat(survey().complete()).isFalse();
    }

    @Test
    void the_label_of_a_vm_that_is_gone_is_found_unless_its_pair_may_be_somebodys() {
        files.add(file(1, "svirt_image_t:s0:c1,c2"));
        files.add(file(2, "svirt_image_t:s0:c3,c4"));
        files.add(file(3, "container_file_t:s0:c5,c6"));
        assertThat(only().kind()).isEqualTo(FlawKind.DEAD_LABEL);
        assertThat(only().file()).hasValue(HostPath.of("/vm/2"));
        assertThat(only().remedy())
                .startsWith("labeler recover --scan /vm --apply; ")
                .endsWith("restorecon -F /vm/2");

        pairs = Optional.empty();
        assertThat(survey().findings()).isEmpty();
    }

    @Test
    void where_other_hosts_may_use_a_file_its_label_may_be_theirs() {
        files.add(shared(1, "svirt_image_t:s0:c3,c4"));
        assertThat(only().kind()).isEqualTo(FlawKind.DEAD_LABEL);
        assertThat(only().severity()).isEqualTo(Severity.NOTICE);
        assertThat(only().harm()).contains("another host", "nfs4");
        assertThat(only().remedy()).startsWith("labeler recover --scan ").doesNotContain("restorecon");

        files.clear();
        files.add(shared(1, "svirt_image_t:s0:c1,c2"));
        running("web1", 1, "s0:c1,c2", disk(2, false));
        assertThat(survey().findings()).isEmpty();

        files.clear();
        files.add(shared(1, "svirt_image_t:s0"));
        assertThat(survey().findings()).isEmpty();
    }

    @Test
    void an_image_that_is_written_needs_the_vms_own_pair() {
        VmFileFacts open = new VmFileFacts(file(1, "svirt_image_t:s0"), true, true, false, true);
        running(
                "web1",
                1,
                "s0:c1,c2",
                open,
                new VmFileFacts(file(2, "svirt_image_t:s0:c1,c2"), true, true, false, true));
        assertThat(only().kind()).isEqualTo(FlawKind.OPEN_IMAGE);
        assertThat(only().severity()).isEqualTo(Severity.DANGER);

        mode = Mode.INACTIVE;
        assertThat(survey().findings()).isEmpty();
        assertThat(survey().unseen()).hasSize(1);
    }

    @Test
    void an_image_that_no_vm_uses_may_not_be_open_to_all() {
        files.add(file(1, "svirt_image_t:s0"));
        assertThat(only().kind()).isEqualTo(FlawKind.OPEN_IMAGE);
        assertThat(only().severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void another_type_than_the_policy_has_for_the_place_is_a_warning() {
        files.add(new FileFacts(
                HostPath.of("/vm/a"),
                new FileIdentity(1, 1, Optional.empty()),
                Optional.of(StoredLabel.of(context("user_home_t:s0"))),
                Optional.of(context("virt_image_t:s0")),
                Optional.empty()));
        assertThat(only().kind()).isEqualTo(FlawKind.WRONG_CONTEXT);
        assertThat(only().harm()).contains("user_home_t", "virt_image_t");
    }

    @Test
    void the_host_itself_may_open_everything() {
        booleans = List.of("virt_use_nfs");
        mode = Mode.PERMISSIVE;
        assertThat(survey().findings())
                .extracting(Flaw::kind)
                .containsExactly(FlawKind.OPENING_BOOLEAN, FlawKind.NOT_ENFORCING);
        assertThat(survey().findings().getFirst().remedy()).startsWith("setsebool -P virt_use_nfs off");
    }

    private static ImageProblem problem(Problem.Kind kind, NamedBy namedBy) {
        return new ImageProblem(
                Problem.of(kind, HostPath.of("/vm/it's"), "why; do this"),
                namedBy,
                Optional.of(HostPath.of("/vm/top")));
    }

    @Test
    void what_a_plan_would_refuse_is_as_bad_as_it_is_unsafe() {
        problems.add(problem(Problem.Kind.FORMAT_UNSPECIFIED, NamedBy.HEADER));
        problems.add(problem(Problem.Kind.NOT_A_FILE, NamedBy.HEADER));
        problems.add(problem(Problem.Kind.NOT_FROM_HEADER, NamedBy.HEADER));
        problems.add(problem(Problem.Kind.OUTSIDE_ROOTS, NamedBy.HEADER));
        problems.add(problem(Problem.Kind.MALFORMED, NamedBy.DEFINITION));
        problems.add(problem(Problem.Kind.UNREADABLE, NamedBy.HEADER));

        Survey survey = survey();

        assertThat(survey.findings())
                .extracting(Flaw::kind)
                .containsExactly(
                        FlawKind.FORBIDDEN_REFERENCE,
                        FlawKind.UNDECLARED_FORMAT,
                        FlawKind.OUTSIDE_REFERENCE,
                        FlawKind.REFUSED_IMAGE);
        assertThat(survey.findings().get(1).remedy())
                .contains("labeler chain /vm/top", "The format is raw, unless you");
        assertThat(survey.unseen()).containsExactly(new Unseen("/vm/it's", "why; do this"));
    }

    @Test
    void nobody_is_led_to_the_format_that_a_guest_has_written() {
        problems.add(problem(Problem.Kind.FORMAT_UNSPECIFIED, NamedBy.DEFINITION_WITHOUT_FORMAT));
        assertThat(only().remedy()).contains(": raw, unless you").doesNotContain("qemu-img info");

        problems.clear();
        problems.add(problem(Problem.Kind.FORMAT_UNSPECIFIED, NamedBy.HEADER));
        assertThat(only().remedy()).contains("raw, unless you").doesNotContain("qemu-img info");
        assertThat(only().harm()).as("there are several reasons").isEqualTo("why; do this");
    }

    @Test
    void each_image_that_names_a_forbidden_file_is_told_with_the_reason() {
        for (int image = 1; image <= 20; image++) {
            problems.add(new ImageProblem(
                    Problem.of(Problem.Kind.NOT_FROM_HEADER, HostPath.of("/etc/shadow"), "a file of the system"),
                    NamedBy.HEADER,
                    Optional.of(HostPath.of("/vm/overlay" + image))));
        }
        assertThat(survey().findings())
                .hasSize(20)
                .anySatisfy(flaw -> assertThat(flaw.harm()).contains("/vm/overlay20 ", "a file of the system"));
    }

    @Test
    void a_stale_label_is_told_also_when_its_pair_is_somebodys_again() {
        files.add(file(1, "svirt_image_t:s0:c1,c2"));
        running("web1", 1, "s0:c1,c2", new VmFileFacts(file(2, "svirt_image_t:s0:c1,c2"), true, true, false, true));
        assertThat(only().kind()).isEqualTo(FlawKind.OPEN_IMAGE);
        assertThat(only().severity()).isEqualTo(Severity.WARNING);
        assertThat(only().file()).hasValue(HostPath.of("/vm/1"));
        assertThat(only().names()).isEqualTo("web1 (process 1)");

        vms.clear();
        vm(
                "web1",
                Optional.of(process(1, WALL, "s0:c1,c2", Set.of(files.getFirst().identity()))));
        assertThat(survey().findings()).as("it has it open").isEmpty();

        vms.clear();
        vm(
                "web1",
                Optional.of(new ProcessFacts(
                        new Pid(1), 0, WALL, Optional.of(context("svirt_t:s0:c1,c2")), Optional.empty())));
        assertThat(survey().findings()).as("nobody knows what it has open").isEmpty();
    }

    @Test
    void what_lies_below_a_directory_of_the_vm_is_its_own() {
        files.add(file("/vm/share/file", 1, "svirt_image_t:s0:c1,c2"));
        FileFacts share = file("/vm/share", 2, "");
        running("web1", 1, "s0:c1,c2", new VmFileFacts(share, false, true, false, true));
        assertThat(survey().findings()).isEmpty();
    }

    @Test
    void an_image_of_a_vm_that_is_shut_off_may_not_be_open_to_all_either() {
        VmFileFacts open = new VmFileFacts(file(1, "svirt_image_t:s0"), true, true, false, false);
        vm("web1", Optional.empty(), open);
        assertThat(only().kind()).isEqualTo(FlawKind.OPEN_IMAGE);
        assertThat(only().severity()).isEqualTo(Severity.WARNING);
        assertThat(only().names()).isEqualTo("web1 (not running)");

        vms.clear();
        running("imposter", 1, "s0", new VmFileFacts(open.file(), true, true, false, true));
        assertThat(only().severity()).as("one without a pair").isEqualTo(Severity.DANGER);
    }

    @Test
    void what_a_process_names_and_has_not_open_has_left_it() {
        VmFileFacts left = disk(7, true);
        OpenFiles none = new OpenFiles(Set.of(), Set.of(), Set.of());
        OpenFiles below = new OpenFiles(Set.of(left.file().identity()), Set.of(), Set.of());
        OpenFiles other = new OpenFiles(Set.of(), Set.of(), Set.of(HostPath.of("/vm/7")));

        assertThat(none.now(left)).isEmpty();
        assertThat(below.now(left))
                .as("a backing file by now")
                .hasValue(new VmFileFacts(left.file(), true, false, false, true));
        assertThat(other.now(left)).as("shown as another file").hasValue(left);
    }

    @Test
    void an_image_that_is_read_now_and_written_next_time_is_no_danger_yet() {
        running("web1", 1, "s0:c1,c2", disk(7, false), new VmFileFacts(file(7, ""), true, true, false, false));
        running("web2", 2, "s0:c3,c4", disk(7, false));
        assertThat(only().severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void a_problem_is_told_once_with_all_vms_that_have_it() {
        for (int pid = 1; pid <= 3; pid++) {
            VmIdentity identity = new VmIdentity(Optional.of("web" + pid), Optional.empty());
            vms.add(new VmFacts(
                    identity,
                    Optional.empty(),
                    List.of(),
                    List.of(problem(Problem.Kind.FORMAT_UNSPECIFIED, NamedBy.DEFINITION_WITHOUT_FORMAT))));
        }
        problems.add(problem(Problem.Kind.FORMAT_UNSPECIFIED, NamedBy.DEFINITION));
        assertThat(only().vms()).hasSize(3);
    }

    @Test
    void a_notice_alone_is_not_unsafe() {
        problems.add(problem(Problem.Kind.LOOP, NamedBy.HEADER));
        assertThat(survey().safe()).isTrue();
        assertThat(survey().count(Severity.NOTICE)).isEqualTo(1);
    }

    @Test
    void an_answer_has_an_end() {
        IntStream.range(0, 5_000).forEach(inode -> {
            files.add(file(inode, "svirt_image_t:s0:c3,c4"));
            problems.add(new ImageProblem(
                    Problem.of(Problem.Kind.UNREADABLE, HostPath.of("/vm/" + inode), "why"),
                    NamedBy.HEADER,
                    Optional.empty()));
        });
        Survey survey = survey();
        assertThat(survey.findings()).hasSize(1_000);
        assertThat(survey.unseen())
                .hasSize(201)
                .first()
                .isEqualTo(new Unseen(
                        "4000 more findings",
                        "no more than 1000 are shown; mend the worst, or name fewer directories"));
    }
}
