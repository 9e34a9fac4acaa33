package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One operation after another on the same files: what one has opened is in the way of none. */
@Timeout(600)
class DescriptorLocksIT {
    private final ServiceFixture service;

    @AutoClose("closeWithService")
    private final GuardedChain vm;

    /** A VM with a chain of three. */
    DescriptorLocksIT(@TempDir Path temporary) throws IOException {
        GuardedChain.requireTools();
        service = ServiceFixture.started(temporary);
        vm = GuardedChain.started(temporary, service);
    }

    private void snapshot(String top, String over) throws IOException {
        vm.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'" + top + "','snapshot-file':'"
                + vm.path(over) + "','snapshot-node-name':'" + over + "','format':'qcow2'}}");
    }

    @Test
    void a_mirror_after_two_snapshots() throws IOException {
        snapshot("top", "over");
        snapshot("over", "over2");

        vm.done("{'execute':'drive-mirror','arguments':{'job-id':'m','device':'over2','target':'" + vm.path("mirror")
                + "','format':'qcow2','sync':'full','node-name':'mirror'}}");
        vm.untilJob("m", "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'m'}}");
        vm.untilJob("m", "");
        vm.whole("mirror");
    }

    @Test
    void commits_and_snapshots_one_after_another() throws IOException {
        snapshot("top", "over");
        snapshot("over", "over2");
        vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'over2','top-node':'over',"
                + "'base-node':'top'}}");
        vm.untilJob("c", "");
        vm.done("{'execute':'block-commit','arguments':{'job-id':'d','device':'over2','top-node':'top',"
                + "'base-node':'middle'}}");
        vm.untilJob("d", "");
        vm.done("{'execute':'block-commit','arguments':{'job-id':'e','device':'over2','base-node':'base'}}");
        vm.untilJob("e", "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'e'}}");
        vm.untilJob("e", "");
        vm.whole("base");
        for (String name : List.of("top", "middle")) {
            vm.done("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}");
        }
        snapshot("base", "copy");
        vm.done("{'execute':'drive-mirror','arguments':{'job-id':'m','device':'copy','target':'" + vm.path("mirror")
                + "','format':'qcow2','sync':'full','node-name':'mirror'}}");
        vm.untilJob("m", "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'m'}}");
        vm.untilJob("m", "");
        vm.whole("mirror");
    }

    /** At its end qemu opens the image above for writing, and dies if it cannot. */
    @Test
    void a_commit_below_an_image_that_is_only_read() throws IOException {
        snapshot("top", "over");
        snapshot("over", "over2");
        vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'over2','top-node':'middle',"
                + "'base-node':'base'}}");
        vm.untilJob("c", "");
        assertThat(vm.header("top")).contains(vm.path("base").toString()).doesNotContain("fdset");

        vm.done("{'execute':'block-commit','arguments':{'job-id':'d','device':'over2','top-node':'top',"
                + "'base-node':'base'}}");
        vm.untilJob("d", "");
        assertThat(vm.qemu().isAlive()).isTrue();
        assertThat(vm.header("over")).contains(vm.path("base").toString()).doesNotContain("fdset");
    }

    @Test
    void what_a_stream_leaves_can_be_removed() throws IOException {
        snapshot("top", "over");
        vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'over'}}");
        vm.untilJob("s", "");

        List<String> answers = new ArrayList<>();
        for (String name : List.of("top", "top-file", "middle", "middle-file", "base", "base-file")) {
            answers.add(vm.refused("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}"));
        }
        assertThat(answers).allMatch(answer -> answer.contains("return"));
        assertThat(vm.holds("base")).isFalse();
        vm.whole("over");
    }

    @Test
    void what_a_stream_between_leaves_can_be_removed() throws IOException {
        snapshot("top", "over");
        snapshot("over", "over2");
        vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'over','base-node':'middle'}}");
        vm.untilJob("s", "");
        List<String> answers = new ArrayList<>();
        for (String name : List.of("top", "top-file")) {
            answers.add(vm.refused("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}"));
        }
        assertThat(answers).allMatch(answer -> answer.contains("return"));

        vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'over2'}}");
        vm.untilJob("s", "");
        answers.clear();
        for (String name : List.of("middle", "middle-file", "base", "base-file")) {
            answers.add(vm.refused("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}"));
        }
        assertThat(answers).allMatch(answer -> answer.contains("return"));
        assertThat(vm.nodes()).filteredOn(name -> !name.startsWith("#")).containsExactly("over2");
    }
}
