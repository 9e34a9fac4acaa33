package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A filter passes on what an image has; a node with another format would take the image for something else. */
class FiltersTest {
    @TempDir
    Path directory;

    @Test
    void a_filter_may_stand_over_an_image_that_others_lie_on() throws IOException {
        try (FollowedHost host = new FollowedHost(directory);
                JudgedQemu qemu = JudgedQemu.withChain(host, directory, "base", "top")) {
            JudgedQemu.make(host, "copy", "");
            qemu.done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'copy','file':"
                    + "{'driver':'file','filename':'" + host.path("copy") + "'},'backing':'base'}}");
            qemu.done("{'execute':'blockdev-add','arguments':{'driver':'copy-before-write','node-name':'filter',"
                    + "'file':'base','target':'copy'}}");
            assertThat(qemu.refused("{'execute':'blockdev-add','arguments':{'driver':'raw','node-name':'other','file':"
                            + "'top-file','read-only':true}}"))
                    .startsWith("labeler S5");
        }
    }
}
