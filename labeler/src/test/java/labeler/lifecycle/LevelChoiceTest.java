package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.chain.ImageFormat;
import labeler.mcs.CategoryRange;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which level a VM gets. */
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
}
