package labeler.vm.libvirt;

import static labeler.vm.libvirt.DomainXmlTest.deviceProblems;
import static labeler.vm.libvirt.DomainXmlTest.devices;
import static labeler.vm.libvirt.DomainXmlTest.parse;
import static labeler.vm.libvirt.DomainXmlTest.problems;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.DeclaredUse;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;

/** {@code <seclabel>}, of a domain and of one device. */
class DomainLabelsTest {
    @Test
    void what_asks_to_keep_its_label_keeps_it() {
        for (String device : List.of(
                "<disk type='file'><source file='/a'><seclabel relabel='no'/></source></disk>",
                "<disk type='file'><source file='/a'><seclabel model='selinux' labelskip='yes'/></source></disk>",
                "<disk type='file'><source file='/a'/><seclabel relabel='no'/></disk>",
                "<serial type='file'><source path='/a'><seclabel relabel='no'/></source></serial>",
                "<serial type='file'><source path='/a'/><seclabel relabel='no'/></serial>",
                "<hostdev mode='subsystem' type='usb'><source><seclabel relabel='no'/><address bus='1' device='2'/>"
                        + "</source></hostdev>")) {
            VmDefinition definition = parse("<devices>" + device + "</devices>");
            assertThat(definition.problems()).isEmpty();
            DeclaredUse use = definition.uses().getFirst();
            assertThat(definition
                            .wishes()
                            .reasonToKeep(use.origin(), use.names().getFirst()))
                    .as(device)
                    .hasValueSatisfying(reason -> assertThat(reason).contains("seclabel"));
            assertThat(definition
                            .wishes()
                            .reasonToKeep(
                                    new Origin("devices/other"), use.names().getFirst()))
                    .isEmpty();
        }
    }

    @Test
    void one_layer_may_keep_its_label() {
        VmDefinition definition = parse("<devices><disk type='file'><driver type='qcow2'/><source file='/a'/>"
                + "<backingStore type='file'><format type='raw'/><source file='/b'><seclabel relabel='no'/></source>"
                + "<backingStore/></backingStore></disk></devices>");
        Origin disk = definition.uses().getFirst().origin();
        assertThat(definition.wishes().reasonToKeep(disk, HostPath.of("/b"))).isPresent();
        assertThat(definition.wishes().reasonToKeep(disk, HostPath.of("/a"))).isEmpty();
    }

    private static final String CHOSEN = "<seclabel relabel='yes'><label>system_u:object_r:etc_t:s0</label></seclabel>";

    private static Set<String> chosen(VmDefinition definition, Origin use, String path) {
        return definition.wishes().chosenFor(use, HostPath.of(path)).stream()
                .map(SecurityContext::toString)
                .collect(Collectors.toSet());
    }

    @Test
    void a_label_that_the_domain_chooses_for_a_disk_holds_for_its_layers_and_one_for_a_layer_for_that_alone() {
        String disk = "<devices><disk type='file'><driver type='qcow2'/><source file='/a'>%s</source>"
                + "<backingStore type='file'><format type='raw'/><source file='/b'>%s</source><backingStore/>"
                + "</backingStore></disk></devices>";
        VmDefinition all = parse(disk.formatted(CHOSEN, ""));
        Origin origin = all.uses().getFirst().origin();
        assertThat(all.problems()).isEmpty();
        assertThat(chosen(all, origin, "/a")).containsExactly("system_u:object_r:etc_t:s0");
        assertThat(chosen(all, origin, "/b")).containsExactly("system_u:object_r:etc_t:s0");
        assertThat(chosen(all, new Origin("devices/other"), "/a")).isEmpty();

        VmDefinition one = parse(disk.formatted("", CHOSEN));
        assertThat(chosen(one, origin, "/a")).isEmpty();
        assertThat(chosen(one, origin, "/b")).containsExactly("system_u:object_r:etc_t:s0");
    }

    @Test
    void a_label_that_the_domain_chooses_for_a_device_holds_for_it() {
        VmDefinition definition =
                parse("<devices><serial type='file'><source path='/a'>" + CHOSEN + "</source></serial></devices>");
        assertThat(chosen(definition, definition.uses().getFirst().origin(), "/a"))
                .containsExactly("system_u:object_r:etc_t:s0");
    }

    @Test
    void what_is_chosen_for_a_file_and_is_no_label_is_refused() {
        assertThat(deviceProblems("<disk type='file'><source file='/a'><seclabel relabel='yes'><label>x</label>"
                        + "</seclabel></source></disk>"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void labels_of_another_model_are_not_ours() {
        assertThat(devices("<disk type='file'><source file='/a'><seclabel model='dac' relabel='no'/></source></disk>"))
                .containsExactly("disk rw /a raw");
    }

    @Test
    void a_base_label_gives_all_but_the_level() {
        VmDefinition definition =
                parse("<seclabel type='dynamic' model='selinux'><baselabel>a:b:c:s0</baselabel></seclabel>");
        assertThat(definition.processContext()).isEmpty();
        assertThat(definition.wishes().base())
                .hasValueSatisfying(context -> assertThat(context.type()).isEqualTo("c"));
        assertThat(problems("<seclabel type='dynamic' model='selinux'><baselabel>x</baselabel></seclabel>"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void a_label_of_the_process_is_taken() {
        assertThat(parse("<seclabel type='dynamic' model='selinux' relabel='yes'>"
                                + "<label>system_u:system_r:svirt_t:s0:c1,c2</label></seclabel>")
                        .processContext())
                .hasValueSatisfying(context -> assertThat(context.level()).isEqualTo("s0:c1,c2"));
        assertThat(parse("<seclabel type='dynamic' model='dac'><label>+0:+0</label></seclabel>")
                        .processContext())
                .isEmpty();
        assertThat(problems("<seclabel type='static' model='selinux' relabel='yes'><label>no</label></seclabel>"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
        assertThat(problems("<seclabel type='static' model='selinux' relabel='yes'/>"))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void a_static_label_by_which_libvirt_relabels_nothing_leaves_the_files_to_us() {
        String label = "<label>system_u:system_r:svirt_t:s0:c1,c2</label>";
        for (String relabel : List.of("", "relabel='no'", "relabel='yes'")) {
            assertThat(parse("<seclabel type='static' model='selinux' " + relabel + ">" + label + "</seclabel>")
                            .processContext())
                    .as(relabel)
                    .hasValueSatisfying(context -> assertThat(context.level()).isEqualTo("s0:c1,c2"));
        }
    }

    @Test
    void only_a_static_label_is_the_domains_own_at_each_start() {
        String label = "<label>system_u:system_r:svirt_t:s0:c1,c2</label>";
        assertThat(parse("<seclabel type='static' model='selinux' relabel='no'>" + label + "</seclabel>")
                        .wishes()
                        .isStatic())
                .isTrue();
        assertThat(parse("<seclabel type='dynamic' model='selinux' relabel='yes'>" + label + "</seclabel>")
                        .wishes()
                        .isStatic())
                .isFalse();
    }

    @Test
    void a_domain_that_asks_not_to_be_labelled_is_refused_with_a_way_out() {
        String label = "<label>system_u:system_r:svirt_t:s0:c1,c2</label>";
        for (String seclabel : List.of(
                "<seclabel type='none'/>",
                "<seclabel type='none' model='selinux'/>",
                "<seclabel type='dynamic' model='dac'/><seclabel type='none' model='selinux'/>",
                "<seclabel type='dynamic' model='selinux' relabel='no'>" + label + "</seclabel>")) {
            assertThat(parse(seclabel).problems())
                    .as(seclabel)
                    .singleElement()
                    .satisfies(problem ->
                            assertThat(problem.message()).contains("seclabel").contains("; "))
                    .extracting(Problem::kind)
                    .isEqualTo(Problem.Kind.NOT_UNDERSTOOD);
        }
    }

    @Test
    void firmware_variables_may_keep_their_label() {
        VmDefinition definition =
                parse("<os><nvram type='file'><source file='/v'><seclabel relabel='no'/></source></nvram></os>");
        assertThat(definition.wishes().reasonToKeep(new Origin("os/nvram"), HostPath.of("/v")))
                .isPresent();
        assertThat(definition.wishes().reasonToKeep(new Origin("os/kernel"), HostPath.of("/k")))
                .isEmpty();
    }

    @Test
    void a_mirror_and_a_data_file_have_labels_of_their_own() {
        String kept = "<seclabel relabel='no'/>";
        VmDefinition mirrored = parse("<devices><disk type='file'><source file='/a'/><mirror type='file'>"
                + "<format type='raw'/><source file='/m'>" + kept + "</source></mirror></disk></devices>");
        Origin disk = mirrored.uses().getFirst().origin();
        Origin mirror = mirrored.uses().getLast().origin();
        assertThat(mirrored.wishes().reasonToKeep(disk, HostPath.of("/a"))).isEmpty();
        assertThat(mirrored.wishes().reasonToKeep(mirror, HostPath.of("/m"))).isPresent();

        VmDefinition beside = parse("<devices><disk type='file'><driver type='qcow2'/><source file='/a'>"
                + "<dataStore type='file'><format type='raw'/><source file='/d'>" + kept
                + "</source></dataStore></source></disk></devices>");
        Origin image = beside.uses().getFirst().origin();
        assertThat(beside.wishes().reasonToKeep(image, HostPath.of("/a"))).isEmpty();
        assertThat(beside.wishes().reasonToKeep(image, HostPath.of("/d"))).isPresent();
    }

    @Test
    void a_mirror_does_not_keep_its_label_because_its_disk_does() {
        VmDefinition definition = parse("<devices><disk type='file'><source file='/a'><seclabel relabel='no'/></source>"
                + "<mirror type='file'><format type='raw'/><source file='/m'/></mirror></disk></devices>");
        assertThat(definition.wishes().reasonToKeep(definition.uses().getLast().origin(), HostPath.of("/m")))
                .isEmpty();
    }

    @Test
    void two_labels_of_one_model_are_refused() {
        String label = "<label>system_u:system_r:svirt_t:s0:c1,c%d</label>";
        String seclabel = "<seclabel type='static' model='selinux' relabel='no'>" + label + "</seclabel>";
        assertThat(problems(seclabel.formatted(2) + seclabel.formatted(3)))
                .containsExactly(Problem.Kind.DEFINITION_MALFORMED);
    }

    @Test
    void what_a_domain_asks_of_another_model_is_not_ours() {
        assertThat(problems("<seclabel type='none' model='dac'/><seclabel type='static' model='apparmor' relabel='no'>"
                        + "<label>x</label></seclabel>"))
                .isEmpty();
    }
}
