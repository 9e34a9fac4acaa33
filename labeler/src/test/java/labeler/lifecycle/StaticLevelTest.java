package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import labeler.chain.ImageFormat;
import labeler.mcs.CategoryRange;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import org.junit.jupiter.api.Test;

/** Levels that libvirt's definitions keep for their domains. */
class StaticLevelTest extends HostTest {
    private static final String STATIC = "system_u:system_r:svirt_t:s0:c7,c8";

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
            small.vm("two").disk("/vm/1", ImageFormat.RAW).isRefused(Problem.Kind.NO_FREE_PAIR);
            assertThat(small.warnings).first().asString().contains("odd.xml");
            Files.delete(small.defined().resolve("off.xml"));
            assertThat(small.vm("two").disk("/vm/1", ImageFormat.RAW).start().level())
                    .hasToString("s0:c4,c5");
        }
    }

    @Test
    void a_level_that_anothers_definition_keeps_is_refused_and_its_own_is_not() throws IOException {
        define(host, "off", "s0:c7,c8");

        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .level("s0:c7,c8")
                .isRefusedWith(Problem.Kind.LEVEL_IN_USE, "off", "s0:c7,c8");
        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .context("system_u:system_r:svirt_t:s0:c8,c7")
                .isRefused(Problem.Kind.LEVEL_IN_USE);
        assertThat(host.vm("off")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .ofLibvirt("system_u:system_r:svirt_t:s0:c7,c8")
                        .start()
                        .level())
                .hasToString("s0:c7,c8");
    }

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
        host.vm("one").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c8").isRefused(Problem.Kind.LEVEL_IN_USE);
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
                            .contains("labeler libvirt adopt --label copy"));
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
        host.vm("copy")
                .disk("/vm/b", ImageFormat.QCOW2)
                .ofLibvirt(STATIC)
                .isRefusedWith("labeler libvirt adopt --label copy");
        host.stop("off");
        host.lifecycle().recover(false, false);
        host.vm("copy").disk("/vm/b", ImageFormat.QCOW2).ofLibvirt(STATIC).start();
    }

    @Test
    void a_process_at_the_level_keeps_the_domain_from_starting() throws IOException {
        define(host, "off", "s0:c7,c8");
        host.kernel.processes().start(50, STATIC);

        host.vm("off").disk("/vm/a", ImageFormat.QCOW2).ofLibvirt(STATIC).isRefused(Problem.Kind.LEVEL_IN_USE);
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
            small.vm("off").disk("/vm/0", ImageFormat.RAW).isRefused(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_static_level_in_anybodys_xml_is_not_its_domains() throws IOException {
        define(host, "off", "s0:c7,c8");

        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .ofLibvirt(STATIC)
                .by(StartedBy.LAUNCHER)
                .isRefused(Problem.Kind.LEVEL_IN_USE);
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
