package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A VM whose images are on a file system that stores no labels, with each operation on its disk. */
@Timeout(600)
class DescriptorFileSystemsIT {
    @TempDir
    Path temporary;

    private static void complete(GuardedChain vm, String job) throws IOException {
        vm.untilJob(job, "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'" + job + "'}}");
        vm.untilJob(job, "");
    }

    @Test
    void a_disk_without_labels_is_worked_on_as_any_other() throws IOException {
        try (Mounted place = Mounted.ramfs(temporary.resolve("place"));
                ServiceFixture service = ServiceFixture.started(temporary);
                GuardedChain vm = GuardedChain.started(place.directory(), service)) {
            vm.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'top','snapshot-file':'"
                    + vm.path("over") + "','snapshot-node-name':'over','format':'qcow2'}}");
            assertThat(vm.inserted().text("file")).contains(vm.path("over").toString());
            vm.done("{'execute':'drive-backup','arguments':{'job-id':'b','device':'over','target':'" + vm.path("copy")
                    + "','format':'qcow2','sync':'top'}}");
            vm.untilJob("b", "");
            vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'over','top':'" + vm.path("middle")
                    + "','base':'" + vm.path("base") + "'}}");
            vm.untilJob("c", "");
            vm.done("{'execute':'drive-mirror','arguments':{'job-id':'m','device':'over','target':'" + vm.path("mirror")
                    + "','format':'qcow2','sync':'top','node-name':'mirror'}}");
            complete(vm, "m");
            assertThat(vm.inserted().text("file")).contains(vm.path("mirror").toString());
            vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'mirror'}}");
            vm.untilJob("s", "");
            for (String name : List.of("top", "top-file", "middle", "middle-file", "base", "base-file")) {
                vm.done("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}");
            }
            assertThat(vm.holds("base")).isFalse();
            Files.writeString(vm.path("secret"), "secret");
            vm.done("{'execute':'object-add','arguments':{'qom-type':'secret','id':'s','file':'" + vm.path("secret")
                    + "'}}");
            vm.qemu().close();
            vm.whole("mirror");
            service.assertNoStackTrace();
        }
    }
}
