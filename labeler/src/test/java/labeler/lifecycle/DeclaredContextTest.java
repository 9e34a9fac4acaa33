package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.chain.ImageFormat;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A definition's own context, compared with the host policy's contexts for VMs. */
class DeclaredContextTest {
    @Test
    void a_type_that_the_policy_has_for_no_vm_is_refused_with_those_that_it_has(@TempDir Path state)
            throws IOException {
        try (TestHost host = new TestHost(state)) {
            host.raw("/vm/a");

            assertThat(host.vm("one")
                            .disk("/vm/a", ImageFormat.RAW)
                            .context("system_u:system_r:unconfined_t:s0:c5,c6")
                            .refusal())
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.kind()).isEqualTo(Problem.Kind.NOT_UNDERSTOOD);
                        assertThat(problem.message()).contains("unconfined_t").contains("svirt_t");
                    });
            assertThat(host.label("/vm/a")).isEqualTo("none");
        }
    }
}
