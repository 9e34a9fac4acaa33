package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that nobody holds may be the disk of a VM that does not run. */
class OutputsOverImagesTest {
    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** A VM with a disk. */
    OutputsOverImagesTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        vm = JudgedQemu.withChain(host, root, "top");
    }

    private String command(String words) {
        return words.replace("@", host.path("other").toString());
    }

    private void assertRefused(String words) throws IOException {
        byte[] before = Files.readAllBytes(host.path("other"));
        assertThat(vm.refused(command(words))).startsWith("labeler S13: ").contains("begins as an image");
        assertThat(Files.readAllBytes(host.path("other"))).isEqualTo(before);
    }

    @Test
    void an_output_does_not_go_over_what_begins_as_an_image() throws IOException {
        JudgedQemu.make(host, "other", "");

        assertRefused("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:@'}}");
        assertRefused("{'execute':'migrate','arguments':{'uri':'file:@'}}");
        assertRefused("{'execute':'pmemsave','arguments':{'val':0,'size':512,'filename':'@'}}");
        assertRefused("{'execute':'screendump','arguments':{'filename':'@'}}");
        assertRefused("{'execute':'chardev-add','arguments':{'id':'c','backend':{'type':'file','data':{'out':'@'}}}}");
    }

    @Test
    void nor_over_a_raw_disk_with_partitions() throws IOException {
        byte[] disk = new byte[1 << 16];
        disk[510] = 0x55;
        disk[511] = (byte) 0xaa;
        Files.write(host.path("other"), disk);

        assertRefused("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:@'}}");
    }

    /** A virtual NVDIMM that the guest has partitioned comes back; qemu does not empty the file. */
    @Test
    void memory_that_is_a_file_may_have_partitions() throws IOException {
        byte[] memory = new byte[1 << 21];
        memory[510] = 0x55;
        memory[511] = (byte) 0xaa;
        Files.write(host.path("other"), memory);

        vm.done(command("{'execute':'object-add','arguments':{'qom-type':'memory-backend-file','id':'m','size':2097152,"
                + "'share':true,'mem-path':'@'}}"));
        assertThat(Files.readAllBytes(host.path("other"))).isEqualTo(memory);
    }

    @Test
    void an_output_may_be_repeated_and_a_manager_may_make_its_file() throws IOException {
        Files.createFile(host.path("other"));
        for (int time = 0; time < 2; time++) {
            vm.done(command("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:@'}}"));
            vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("other"))));
        }
        assertThat(Files.size(host.path("other"))).isPositive();
        vm.done(command(
                "{'execute':'chardev-add','arguments':{'id':'c','backend':{'type':'file','data':{'out':'@'}}}}"));
        vm.done("{'execute':'chardev-remove','arguments':{'id':'c'}}");
    }
}
