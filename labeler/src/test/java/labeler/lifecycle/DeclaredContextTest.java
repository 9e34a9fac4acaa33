package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.LabelWishes;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A definition's own context, compared with the host policy's contexts for VMs. */
class DeclaredContextTest {
    @Test
    void a_type_that_the_policy_has_for_no_vm_is_refused_with_those_that_it_has(@TempDir Path state)
            throws IOException {
        try (TestHost host = new TestHost(state)) {
            host.raw("/vm/a");

            host.vm("one")
                    .disk("/vm/a", ImageFormat.RAW)
                    .context("system_u:system_r:unconfined_t:s0:c5,c6")
                    .isRefusedWith(Problem.Kind.NOT_UNDERSTOOD, "unconfined_t", "svirt_t");
            assertThat(host.label("/vm/a")).isEqualTo("none");
        }
    }

    @Test
    void a_base_gives_the_process_its_type_and_the_service_the_pair(@TempDir Path state) throws IOException {
        try (TestHost host = new TestHost(state)) {
            host.raw("/vm/a");

            assertThat(host.lifecycle().start(based(host, "staff_u:staff_r:svirt_t:s0")))
                    .isInstanceOfSatisfying(
                            StartOutcome.Started.class,
                            started -> assertThat(started.vm().processContext().toString())
                                    .matches("staff_u:staff_r:svirt_t:s0:c[0-9]+,c[0-9]+"));
        }
    }

    @Test
    void a_base_of_another_type_is_refused(@TempDir Path state) throws IOException {
        try (TestHost host = new TestHost(state)) {
            host.raw("/vm/a");

            assertThat(host.lifecycle().start(based(host, "system_u:system_r:unconfined_t:s0")))
                    .isInstanceOfSatisfying(
                            StartOutcome.NotStarted.class,
                            refused -> assertThat(refused.problems())
                                    .extracting(Problem::kind)
                                    .containsExactly(Problem.Kind.NOT_UNDERSTOOD));
        }
    }

    private static StartRequest based(TestHost host, String base) {
        StartRequest request = host.vm("one").disk("/vm/a", ImageFormat.RAW).request();
        VmDefinition definition = request.definition();
        return new StartRequest(
                request.name(),
                new VmDefinition(
                        definition.uses(),
                        definition.external(),
                        Optional.empty(),
                        definition.acceleration(),
                        definition.problems(),
                        new LabelWishes(SecurityContext.parse(base), List.of(), false, false)),
                request.commandLine(),
                request.level(),
                request.pid(),
                request.owner(),
                request.launch());
    }
}
