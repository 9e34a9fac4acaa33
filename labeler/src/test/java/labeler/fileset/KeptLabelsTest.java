package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import labeler.chain.testing.Qcow2Builder;
import labeler.fileset.device.DeviceTree;
import labeler.linux.fake.FakeLinux;
import labeler.selinux.SecurityContext;
import labeler.vm.libvirt.DomainXml;
import org.junit.jupiter.api.Test;

/** Files of which a domain asks that their labels stay. */
class KeptLabelsTest {
    private static final String KEPT = "<seclabel model='selinux' relabel='no'/>";

    private final FakeLinux kernel = new FakeLinux();

    KeptLabelsTest() {
        kernel.file("/vm/raw", new byte[4096]);
        kernel.file("/vm/qcow2", Qcow2Builder.overlay("raw", "raw").build());
        kernel.file("/vm/log", new byte[1]);
    }

    private FileSet set(String devices) {
        return set(SystemFiles.DEFAULT, devices);
    }

    private FileSet set(SystemFiles systemFiles, String devices) {
        return domain(systemFiles, "<devices>" + devices + "</devices>");
    }

    private FileSet domain(SystemFiles systemFiles, String inside) {
        return new FileSets(kernel.linux(), systemFiles)
                .of(DomainXml.parse(("<domain type='kvm'>" + inside + "</domain>").getBytes(StandardCharsets.UTF_8)));
    }

    /** The names of the files that stay, and of those that are labelled. */
    private List<String> files(String devices) {
        try (FileSet files = set(devices)) {
            assertThat(files.problems()).isEmpty();
            return files.files().stream()
                    .map(file -> (file.leaveReason().isPresent() ? "stays " : "label ") + file.path())
                    .toList();
        }
    }

    private static String disk(String own, String below) {
        return "<disk type='file'><driver type='qcow2'/><source file='/vm/qcow2'>" + own + "</source>" + below
                + "<target dev='vda'/></disk>";
    }

    private static String below(String own) {
        return "<backingStore type='file'><format type='raw'/><source file='/vm/raw'>" + own
                + "</source><backingStore/></backingStore>";
    }

    @Test
    void a_disk_stays_with_all_layers_that_its_header_names() {
        assertThat(files(disk(KEPT, "<readonly/>"))).containsExactlyInAnyOrder("stays /vm/qcow2", "stays /vm/raw");
        assertThat(files(disk("", ""))).containsExactlyInAnyOrder("label /vm/qcow2", "label /vm/raw");
    }

    @Test
    void one_layer_stays_alone() {
        assertThat(files(disk("", below(KEPT)))).containsExactlyInAnyOrder("label /vm/qcow2", "stays /vm/raw");
    }

    private static String chosen(String type) {
        return "<seclabel relabel='yes'><label>system_u:object_r:" + type + ":s0</label></seclabel>";
    }

    /** The labels that the domain chooses for each file. */
    private Map<String, String> chosenLabels(String devices) {
        try (FileSet files = set(devices)) {
            assertThat(files.problems()).isEmpty();
            return files.files().stream()
                    .collect(Collectors.toMap(
                            file -> file.path().toString(),
                            file -> file.chosen().stream()
                                    .map(SecurityContext::type)
                                    .sorted()
                                    .collect(Collectors.joining(" "))));
        }
    }

    @Test
    void a_chosen_label_goes_with_the_file_by_each_of_its_names() {
        assertThat(chosenLabels(disk(chosen("etc_t"), "<readonly/>")))
                .isEqualTo(Map.of("/vm/qcow2", "etc_t", "/vm/raw", "etc_t"));
        assertThat(chosenLabels(disk("", below(chosen("etc_t")))))
                .isEqualTo(Map.of("/vm/qcow2", "", "/vm/raw", "etc_t"));
        kernel.hardLink("/vm/raw", "/vm/again");
        String again = "<disk type='file'><driver type='raw'/><source file='/vm/again'>" + chosen("usr_t")
                + "</source><readonly/><target dev='vdb'/></disk>";
        assertThat(chosenLabels(disk("", below(chosen("etc_t"))) + again))
                .isEqualTo(Map.of("/vm/qcow2", "", "/vm/raw", "etc_t usr_t"));
    }

    @Test
    void another_use_of_the_same_file_has_it_labelled() {
        String log = "<audio id='1' type='file' path='/vm/log'/>";
        String kept = "<disk type='file'><driver type='raw'/><source file='/vm/log'>" + KEPT
                + "</source><readonly/><target dev='vdb'/></disk>";
        assertThat(files(kept)).containsExactly("stays /vm/log");
        assertThat(files(kept + log)).containsExactly("label /vm/log");
    }

    /** libvirt labels none. By default labeler does not either. */
    @Test
    void a_tree_stays_where_libvirt_labels_the_rest() {
        SystemFiles withoutTrees = new SystemFiles(List.of(), DeviceTree.OF_HOST, false, OtherNames.NONE);
        String tree = "<filesystem type='mount'><source dir='/vm'/><target dir='t'/></filesystem>";
        try (FileSet files = set(withoutTrees, tree)) {
            assertThat(files.problems()).isEmpty();
            assertThat(files.files())
                    .singleElement()
                    .satisfies(file -> assertThat(file.leaveReason())
                            .hasValueSatisfying(
                                    reason -> assertThat(reason).contains("libvirt labels no directory tree")));
        }
        String alone = "<seclabel type='static' model='selinux' relabel='no'>"
                + "<label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>";
        try (FileSet files = domain(withoutTrees, "<devices>" + tree + "</devices>" + alone)) {
            assertThat(files.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message()).contains("label.tree-files"));
        }
    }

    @Test
    void a_disk_that_may_be_missing_is_left_out_if_it_is() {
        String optional = "<disk type='file' device='cdrom'><source file='%s' startupPolicy='%s'/></disk>";
        assertThat(files(optional.formatted("/vm/none", "optional"))).isEmpty();
        assertThat(files(optional.formatted("/vm/raw", "optional"))).containsExactly("label /vm/raw");
        try (FileSet files = set(optional.formatted("/vm/none", "requisite"))) {
            assertThat(files.problems()).hasSize(1);
        }
    }

    @Test
    void of_many_names_that_do_not_exist_the_range_is_told() {
        try (FileSet files = set("<graphics type='egl-headless'/>")) {
            assertThat(files.problems())
                    .singleElement()
                    .satisfies(problem ->
                            assertThat(problem.message()).contains("/dev/dri/renderD128 to /dev/dri/renderD191"));
        }
    }

    @Test
    void a_file_that_is_written_does_not_stay() {
        try (FileSet files = set(disk(KEPT, ""))) {
            assertThat(files.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message()).contains("leave out relabel='no'"));
        }
    }
}
