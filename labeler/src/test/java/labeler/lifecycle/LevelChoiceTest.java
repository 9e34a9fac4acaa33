package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.chain.ImageFormat;
import labeler.mcs.CategoryRange;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of a VM's level. */
class LevelChoiceTest extends HostTest {
    @Test
    void a_level_of_another_process_is_taken_whichever_process_asks() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.processes().start(60);

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c1,c2")
                        .pid(60)
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
        assertThat(host.vm("two")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .level("s0:c1,c2")
                        .pid(50)
                        .start()
                        .level())
                .hasToString("s0:c1,c2");
    }

    @Test
    void a_label_with_a_pair_that_nobody_knows_is_not_what_a_file_had_before() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

        assertThat(host.vm("one").disk("/vm/c", ImageFormat.RAW).refusal())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.LEFTOVER_LABEL);
                    assertThat(problem.message()).contains("s0:c5,c6").contains("labeler recover --scan");
                });
        assertThat(host.vm("one")
                        .disk("/vm/c", ImageFormat.RAW)
                        .level("s0:c7,c8")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEFTOVER_LABEL);
        assertThat(host.label("/vm/c")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c5,c6");
    }

    @Test
    void a_static_level_explains_the_label_of_its_files() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

        host.vm("one").disk("/vm/c", ImageFormat.RAW).level("s0:c6,c5").start();
        host.stop("one");

        assertThat(host.label("/vm/c")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c5,c6");
    }

    @Test
    void a_pair_that_another_tool_gave_a_file_is_nobody_elses_while_a_vm_has_it() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", "system_u:object_r:container_file_t:s0:c5,c6");

        host.vm("one").disk("/vm/c", ImageFormat.RAW).start();

        assertThat(host.vm("two")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c5,c6")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
        host.stop("one");
        assertThat(host.label("/vm/c")).isEqualTo("system_u:object_r:container_file_t:s0:c5,c6");
    }

    @Test
    void a_pair_that_is_left_on_a_file_of_the_vm_is_not_chosen_for_it() throws IOException {
        try (TestHost narrow = new TestHost(
                state.resolve("narrow"), CategoryRange.parse("c5.c6").orElseThrow())) {
            narrow.raw("/vm/c");
            narrow.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

            assertThat(narrow.vm("one").disk("/vm/c", ImageFormat.RAW).refusal())
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_level_asked_for_is_given_once() {
        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c9,c7")
                        .start()
                        .level())
                .hasToString("s0:c7,c9");
        assertThat(host.vm("two")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .level("s0:c7,c9")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void the_level_of_any_running_process_is_taken() {
        host.kernel.processes().start(50, "system_u:system_r:container_t:s0:c1,c2");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c1,c2")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_file_with_the_level_of_another_tools_process_is_in_use() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.setLabel("/vm/a", TestHost.IMAGE_TYPE + "s0:c1,c2");

        assertThat(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.IN_USE);
    }

    @Test
    void the_level_in_the_definition_is_used_and_one_without_a_pair_refused() {
        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .context("system_u:system_r:svirt_t:s0:c5,c6")
                        .start()
                        .processContext())
                .hasToString("system_u:system_r:svirt_t:s0:c5,c6");
        assertThat(host.vm("two")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .context("system_u:system_r:svirt_t:s0")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void running_out_of_pairs_is_an_error(@TempDir Path other) throws IOException {
        try (TestHost small = new TestHost(other, CategoryRange.parse("c4.c6").orElseThrow())) {
            for (int i = 0; i < 3; i++) {
                small.raw("/vm/" + i);
                small.vm("vm" + i).disk("/vm/" + i, ImageFormat.RAW).start();
            }
            small.raw("/vm/3");

            assertThat(small.vm("vm3").disk("/vm/3", ImageFormat.RAW).refusal())
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_process_with_a_few_categories_takes_each_pair_of_them() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2,c9");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c2,c9")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_clearance_takes_no_pair() {
        host.kernel.processes().start(50, "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c2,c9")
                        .start()
                        .level())
                .hasToString("s0:c2,c9");
    }

    @Test
    void the_level_that_the_vms_own_process_has_is_taken_over() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .pid(50)
                        .start()
                        .level())
                .hasToString("s0:c1,c2");
    }

    private static void define(TestHost on, String domain, String level) throws IOException {
        Files.createDirectories(on.defined());
        Files.writeString(
                on.defined().resolve(domain + ".xml"),
                "<domain type='kvm'><name>" + domain + "</name><seclabel type='static' model='selinux' relabel='no'>"
                        + "<label>system_u:system_r:svirt_t:" + level + "</label></seclabel></domain>");
    }

    @Test
    void a_level_that_a_definition_keeps_is_not_chosen_for_another() throws IOException {
        try (TestHost small = new TestHost(
                state.resolve("small"), CategoryRange.parse("c4.c6").orElseThrow())) {
            define(small, "off", "s0:c4,c5");
            define(small, "other", "s0:c4,c6");
            Files.writeString(small.defined().resolve("odd.xml"), "<domain");
            for (String path : new String[] {"/vm/0", "/vm/1", "/vm/2"}) {
                small.raw(path);
            }

            assertThat(small.vm("one").disk("/vm/0", ImageFormat.RAW).start().level())
                    .hasToString("s0:c5,c6");
            assertThat(small.vm("two").disk("/vm/1", ImageFormat.RAW).refusal())
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.NO_FREE_PAIR);
            assertThat(small.warnings).first().asString().contains("odd.xml");
            Files.delete(small.defined().resolve("off.xml"));
            assertThat(small.vm("two").disk("/vm/1", ImageFormat.RAW).start().level())
                    .hasToString("s0:c4,c5");
        }
    }

    @Test
    void a_level_that_anothers_definition_keeps_is_refused_and_its_own_is_not() throws IOException {
        define(host, "off", "s0:c7,c8");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c7,c8")
                        .refusal())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.LEVEL_IN_USE);
                    assertThat(problem.message()).contains("off").contains("s0:c7,c8");
                });
        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .context("system_u:system_r:svirt_t:s0:c8,c7")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
        assertThat(host.vm("off")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .ofLibvirt("system_u:system_r:svirt_t:s0:c7,c8")
                        .start()
                        .level())
                .hasToString("s0:c7,c8");
    }

    private static final String STATIC = "system_u:system_r:svirt_t:s0:c7,c8";

    @Test
    void a_domain_starts_again_at_its_static_level_as_soon_as_it_has_ended() throws IOException {
        define(host, "off", "s0:c7,c8");
        for (int i = 0; i < 3; i++) {
            host.vm("off").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
            host.stop("off");
            assertThat(host.label("/vm/a")).isEqualTo("none");
        }
    }

    @Test
    void a_lost_file_keeps_its_pair_from_others_and_not_from_the_domain_whose_it_is() throws IOException {
        define(host, "off", "s0:c7,c8");
        host.kernel.mount("/old").withoutHandles();
        host.raw("/old/disk");
        host.vm("off").disk("/old/disk", ImageFormat.RAW).ofLibvirt(STATIC).start();
        host.kernel.rename("/old/disk", "/old/aside");
        assertThat(host.stop("off").count(FileReport.Outcome.LOST)).isEqualTo(1);
        host.lifecycle().recover(false, false);

        host.vm("off").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
        host.stop("off");
        host.restart();
        host.vm("off").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
        host.stop("off");
        Files.delete(host.defined().resolve("off.xml"));
        assertThat(host.vm("one")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .level("s0:c7,c8")
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void what_another_domain_has_left_at_the_level_is_not_for_its_copy() throws IOException {
        define(host, "off", "s0:c7,c8");
        define(host, "copy", "s0:c7,c8");
        host.kernel.mount("/old").withoutHandles();
        host.raw("/old/disk");
        host.vm("off").disk("/old/disk", ImageFormat.RAW).ofLibvirt(STATIC).start();
        host.kernel.rename("/old/disk", "/old/aside");
        host.stop("off");
        host.lifecycle().recover(false, false);

        for (int i = 0; i < 2; i++) {
            assertThat(host.vm("copy")
                            .disk("/vm/a", ImageFormat.QCOW2)
                            .ofLibvirt(STATIC)
                            .refusal())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message())
                            .contains("a file of another VM that is not given back yet")
                            .contains("libvirt's domain off keeps the level s0:c7,c8")
                            .contains("labeler libvirt adopt copy --label"));
            // The next service does not know whose it was.
            host.restart();
        }
        host.lifecycle().recover(false, true);
        host.vm("copy").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
    }

    @Test
    void two_domains_with_one_static_level_run_one_after_the_other() throws IOException {
        define(host, "off", "s0:c7,c8");
        define(host, "copy", "s0:c7,c8");

        host.vm("off").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
        assertThat(host.vm("copy")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .ofLibvirt(STATIC)
                        .refusal())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("labeler libvirt adopt copy --label"));
        host.stop("off");
        host.lifecycle().recover(false, false);
        host.vm("copy").disk("/vm/b", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
    }

    @Test
    void a_process_at_the_level_keeps_the_domain_from_starting() throws IOException {
        define(host, "off", "s0:c7,c8");
        host.kernel.processes().start(50, STATIC);

        assertThat(host.vm("off")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .ofLibvirt(STATIC)
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void the_name_of_a_domain_alone_does_not_give_its_level() throws IOException {
        define(host, "off", "s0:c7,c8");
        host.raw("/vm/c");

        assertThat(host.vm("off").handedOver("/vm/c").level("s0:c7,c8").refusal())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("domain off keeps")
                        .contains("let the service choose"));
        try (TestHost small = new TestHost(
                state.resolve("small"), CategoryRange.parse("c4.c5").orElseThrow())) {
            define(small, "off", "s0:c4,c5");
            small.raw("/vm/0");
            assertThat(small.vm("off").disk("/vm/0", ImageFormat.RAW).refusal())
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_static_level_in_anybodys_xml_is_not_its_domains() throws IOException {
        define(host, "off", "s0:c7,c8");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .ofLibvirt(STATIC)
                        .by(StartedBy.LAUNCHER)
                        .refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.LEVEL_IN_USE);
        host.vm("off")
                .disk("/vm/a", ImageFormat.QCOW2)
                .ofLibvirt(STATIC)
                .by(StartedBy.LAUNCHER)
                .start();
    }

    @Test
    void a_domains_process_has_its_level_by_whatever_name_it_is_known() throws IOException {
        define(host, "off", "s0:c7,c8");
        host.kernel.processes().start(50, STATIC);

        assertThat(host.vm("other")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .pid(50)
                        .start()
                        .level())
                .hasToString("s0:c7,c8");
    }
}
