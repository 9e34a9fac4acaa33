package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.registry.etcd.EtcdServer;
import org.junit.jupiter.api.Test;

/** A storage that has no room for a label: inodes of 128 bytes hold none, so each needs a block. */
class ClusterFullIT extends TwoHosts {
    @Override
    ClusterFixture begun() throws Exception {
        return ClusterFixture.started(temporary, EtcdServer::start, "-I", "128");
    }

    @Test
    void a_label_that_finds_no_room_refuses_the_start_and_no_host_is_left_as_a_holder() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        Path starved = cluster.images().raw("starved");
        // Two files with one label would share a block of the file system, and need none more.
        List<String> both =
                Images.qemu("-drive", Images.disk(disk, "raw") + ",readonly=on", "-drive", Images.disk(starved, "raw"));
        Path filler = cluster.fillStorage();

        Reply refused = onceAnswered(() -> cluster.alpha().start("web1", both));

        assertThat(refused.text("kind")).as("%s", refused.body()).isEqualTo("LABEL_NOT_SET");
        assertThat(refused.text("message")).contains(starved.toString(), "No space left", "free some space");
        assertThat(cluster.alpha().holds("web1")).isFalse();
        cluster.awaitLabel(disk, HOME);
        assertThat(Attributes.label(starved)).isEmpty();
        cluster.awaitEmpty();
        // Nothing of the refused VM keeps the other host from its files.
        startOnceAnswered(cluster.beta(), "web2", disk(disk));
        assertThat(cluster.beta().stop("web2").ok().outcome(disk)).isEqualTo("reverted");
        cluster.awaitEmpty();

        Files.delete(filler);
        startOnceAnswered(cluster.beta(), "web2", both);
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitLabel(starved, Optional.empty());
        cluster.awaitEmpty();
    }
}
