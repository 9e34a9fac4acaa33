package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A domain of libvirt's moves from one host to another: two real services, the real hook script, a real etcd, real
 * attributes, and the XML that libvirt gives to its hook at each step.
 */
@Timeout(600)
class ClusterMigrationIT {
    private static final Optional<String> HOME = Optional.of(Images.HOME);
    /** No process of this machine has this name. */
    private static final String WEB = "wanderer";

    private static final String LEVEL = "s0:c21,c34";

    /** The one that libvirt would draw on the target. */
    private static final String DRAWN = "s0:c56,c78";

    private final Path temporary;

    @AutoClose
    private final ClusterFixture cluster;

    private final LibvirtHook alpha;
    private final LibvirtHook beta;
    private final Path base;
    private final Path disk;

    ClusterMigrationIT(@TempDir Path temporary) throws Exception {
        this.temporary = temporary;
        Machine.requireRootAnd("curl");
        cluster = ClusterFixture.started(temporary);
        alpha = LibvirtHook.of(temporary, cluster.alpha());
        beta = LibvirtHook.of(temporary, cluster.beta());
        base = cluster.images().labelledRaw("base");
        disk = cluster.images().overlay("disk", base);
        Attributes.label(disk, Images.HOME);
    }

    /** libvirt's XML of the domain; with a number while it runs. */
    private String xml(String id, String seclabel) {
        return """
                <domain type='kvm'%s>
                  <name>wanderer</name>
                  <uuid>7b2e5c1e-6f5f-4a57-9a53-0c6d7f8e9a10</uuid>
                  <memory unit='KiB'>32768</memory>
                  <os><type arch='x86_64' machine='pc-q35-10.0'>hvm</type></os>
                  <devices>
                    <disk type='file' device='disk'>
                      <driver name='qemu' type='qcow2'/>
                      <source file='%s'/>
                      <target dev='vda' bus='virtio'/>
                    </disk>
                  </devices>
                  %s
                </domain>
                """.formatted(id, disk, seclabel);
    }

    /** The XML that comes from the source: libvirt leaves a level out that it has drawn. */
    private String coming() {
        return xml("", "<seclabel type='dynamic' model='selinux' relabel='yes'/>");
    }

    private String running(String level) {
        return xml(" id='1'", """
                <seclabel type='dynamic' model='selinux' relabel='yes'>
                  <label>system_u:system_r:svirt_t:%s</label>
                  <imagelabel>system_u:object_r:svirt_image_t:%s</imagelabel>
                </seclabel>""".formatted(level, level));
    }

    private String fixed(String level, String relabel) {
        return xml("", """
                <seclabel type='static' model='selinux' relabel='%s'>
                  <label>system_u:system_r:svirt_t:%s</label>
                </seclabel>""".formatted(relabel, level));
    }

    /** libvirt writes into the XML which labels it sets. */
    private static String started(String xml) {
        return xml.replaceFirst("<domain ", "<domain id='2' ");
    }

    /** Without that by which the start here is known. */
    private static String withoutNumber(String xml) {
        return xml.replaceAll("<metadata><labeler:arrival .*</labeler:arrival></metadata>", "")
                .strip();
    }

    private Optional<String> own() {
        return Optional.of("system_u:object_r:svirt_image_t:" + LEVEL);
    }

    /** Both ends have the domain. Answers the XML that libvirt has on the target. */
    private String moving() throws IOException {
        alpha.starts(WEB, running(LEVEL));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        String come = beta.comes(WEB, coming());
        assertThat(LibvirtHook.level(come)).contains(LEVEL);
        assertThat(come).contains("type='static'", "relabel='yes'");
        beta.starts(WEB, started(come));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        assertThat(cluster.left()).anyMatch(key -> key.endsWith("/vms/beta/wanderer"));
        return started(come);
    }

    private void assertAllIsBack() throws IOException {
        cluster.awaitLabel(disk, HOME);
        cluster.awaitLabel(base, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_domain_that_has_moved_keeps_its_labels_when_its_source_ends() throws IOException {
        String there = moving();
        alpha.ends(WEB, running(LEVEL));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        assertThat(Attributes.label(base)).isNotEqualTo(HOME);
        assertThat(beta.call("other", "start", "begin", running(DRAWN)).exitCode())
                .as("its disk is nobody else's")
                .isEqualTo(1);
        beta.ends(WEB, there);
        assertAllIsBack();
    }

    @Test
    void a_domain_that_did_not_move_keeps_its_labels_when_its_target_ends() throws IOException {
        String there = moving();
        beta.ends(WEB, there);
        assertThat(Attributes.label(disk)).isEqualTo(own());
        assertThat(Attributes.label(base)).isNotEqualTo(HOME);
        String again = beta.comes(WEB, coming());
        assertThat(LibvirtHook.level(again)).as("it tries again").contains(LEVEL);
        beta.starts(WEB, started(again));
        beta.ends(WEB, started(again));
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }

    @Test
    void a_domain_moves_back() throws IOException {
        String there = moving();
        alpha.ends(WEB, running(LEVEL));
        // libvirt sends a static label along.
        String back = alpha.comes(WEB, there);
        assertThat(withoutNumber(back)).as("unchanged").isEqualTo(withoutNumber(there));
        alpha.starts(WEB, back);
        beta.ends(WEB, there);
        assertThat(Attributes.label(disk)).isEqualTo(own());
        alpha.ends(WEB, back);
        assertAllIsBack();
    }

    @Test
    void what_libvirt_has_labelled_itself_stays_while_the_domain_lives_on() throws IOException {
        String there = moving();
        String libvirts = "unconfined_u:object_r:svirt_image_t:" + LEVEL;
        Attributes.label(disk, libvirts);
        Command source = alpha.call(WEB, "release", "end", running(LEVEL));
        assertThat(source.exitCode()).isZero();
        assertThat(Attributes.label(disk)).contains(libvirts);
        beta.ends(WEB, there);
        assertAllIsBack();
    }

    @Test
    void what_libvirt_has_labelled_itself_stays_also_if_the_registry_cannot_be_asked() throws Exception {
        String there = moving();
        String libvirts = "unconfined_u:object_r:svirt_image_t:" + LEVEL;
        Attributes.label(disk, libvirts);
        cluster.killRegistry();
        assertThat(alpha.call(WEB, "release", "end", running(LEVEL)).exitCode()).isZero();
        assertThat(Attributes.label(disk)).contains(libvirts);
        cluster.startRegistry();
        eventually("the source has left", () -> cluster.left().stream().noneMatch(key -> key.contains("alpha")));
        assertThat(Attributes.label(disk)).contains(libvirts);
        beta.ends(WEB, there);
        assertAllIsBack();
    }

    @Test
    void a_start_that_libvirt_has_not_announced_takes_nothing() throws IOException {
        alpha.starts(WEB, running(LEVEL));
        for (String xml : new String[] {running(DRAWN), running(LEVEL), fixed(LEVEL, "yes")}) {
            assertThat(beta.call(WEB, "start", "begin", xml).exitCode()).isEqualTo(1);
            beta.ends(WEB, xml);
            assertThat(Attributes.label(disk)).isEqualTo(own());
        }
        assertThat(cluster.left()).noneMatch(key -> key.contains("beta"));
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }

    /** The migration has come to nothing before its start, and libvirt tells nobody. */
    @Test
    void a_start_by_hand_after_a_migration_that_came_to_nothing_takes_nothing() throws IOException {
        alpha.starts(WEB, fixed(LEVEL, "no"));
        assertThat(beta.comes(WEB, fixed(LEVEL, "no"))).isNotEmpty();
        Command start = beta.call(WEB, "start", "begin", fixed(LEVEL, "no"));
        assertThat(start.exitCode()).isEqualTo(1);
        assertThat(start.line()).contains("host alpha");
        beta.ends(WEB, fixed(LEVEL, "no"));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        assertThat(cluster.left()).noneMatch(key -> key.contains("beta"));
        alpha.ends(WEB, fixed(LEVEL, "no"));
        assertAllIsBack();
    }

    @Test
    void a_target_that_is_killed_before_the_start_takes_nothing() throws IOException {
        alpha.starts(WEB, running(LEVEL));
        String come = started(beta.comes(WEB, coming()));
        cluster.beta().kill();
        cluster.beta().start();
        Command start = beta.call(WEB, "start", "begin", come);
        assertThat(start.exitCode()).isEqualTo(1);
        assertThat(start.line()).contains("host alpha");
        beta.ends(WEB, come);
        assertThat(Attributes.label(disk)).isEqualTo(own());
        // The administrator tries again.
        String again = started(beta.comes(WEB, coming()));
        beta.starts(WEB, again);
        alpha.ends(WEB, running(LEVEL));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        beta.ends(WEB, again);
        assertAllIsBack();
    }

    @Test
    void a_target_that_is_killed_after_the_start_leaves_when_libvirt_gives_up() throws IOException {
        String there = moving();
        cluster.beta().kill();
        Command release = beta.call(WEB, "release", "end", there);
        assertThat(release.exitCode()).isZero();
        cluster.beta().start();
        assertThat(Attributes.label(disk)).isEqualTo(own());
        beta.ends(WEB, there);
        assertThat(Attributes.label(disk)).isEqualTo(own());
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }

    @Test
    void a_source_that_is_killed_before_its_end_takes_nothing_from_the_target() throws IOException {
        String there = moving();
        cluster.alpha().kill();
        assertThat(alpha.call(WEB, "release", "end", running(LEVEL)).exitCode()).isZero();
        cluster.alpha().start();
        assertThat(Attributes.label(disk)).isEqualTo(own());
        cluster.alpha().stop(WEB).ok();
        assertThat(Attributes.label(disk)).isEqualTo(own());
        beta.ends(WEB, there);
        assertAllIsBack();
    }

    @Test
    void a_domain_that_no_other_host_has_starts_as_any_other() throws IOException {
        assertThat(beta.call(WEB, "migrate", "begin", coming())).isEqualTo(new Command(0, "", ""));
        beta.starts(WEB, running(DRAWN));
        assertThat(Attributes.label(disk).orElseThrow()).endsWith(DRAWN);
        beta.ends(WEB, running(DRAWN));
        assertAllIsBack();
    }

    @Test
    void a_host_in_no_cluster_says_nothing() throws IOException {
        alpha.starts(WEB, running(LEVEL));
        try (ServiceFixture alone = ServiceFixture.started(Files.createDirectories(temporary.resolve("alone")))) {
            LibvirtHook hook = LibvirtHook.of(temporary, alone);
            assertThat(hook.call(WEB, "migrate", "begin", coming())).isEqualTo(new Command(0, "", ""));
        }
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }

    @Test
    void a_static_label_at_another_level_is_refused() throws IOException {
        alpha.starts(WEB, running(LEVEL));
        Command other = beta.call(WEB, "migrate", "begin", fixed(DRAWN, "yes"));
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.out()).isEmpty();
        assertThat(other.line()).contains("may not come here", "runs at c21,c34", "start it at that level");
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }

    @Test
    void a_static_label_by_which_labeler_labels_moves_as_it_is() throws IOException {
        alpha.starts(WEB, fixed(LEVEL, "no"));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        String come = beta.comes(WEB, fixed(LEVEL, "no"));
        assertThat(withoutNumber(come)).isEqualTo(fixed(LEVEL, "no").strip());
        beta.starts(WEB, come);
        alpha.ends(WEB, fixed(LEVEL, "no"));
        assertThat(Attributes.label(disk)).isEqualTo(own());
        beta.ends(WEB, fixed(LEVEL, "no"));
        assertAllIsBack();
    }

    @Test
    void a_level_that_a_vm_of_the_target_has_is_refused_before_anybody_is_told() throws IOException {
        // Two VMs from before their hosts joined may have one level.
        Images own = Images.in(temporary.resolve("own"));
        Path local = own.overlay("local", own.labelledRaw("below"));
        cluster.beta().kill();
        cluster.beta().configure("");
        cluster.beta().start();
        beta.starts(
                "local",
                running(LEVEL).replace(disk.toString(), local.toString()).replace("7b2e", "8b2e"));
        cluster.beta().kill();
        cluster.configure(ClusterFixture.BETA);
        cluster.beta().start();

        alpha.starts(WEB, running(LEVEL));
        Command refused = beta.call(WEB, "migrate", "begin", coming());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.line()).contains("may not come here", LEVEL + " on host alpha", "labeler status");
        assertThat(cluster.left()).noneMatch(key -> key.contains("beta/wanderer"));
        alpha.ends(WEB, running(LEVEL));
        cluster.awaitLabel(disk, HOME);
    }

    @Test
    void nothing_comes_while_the_registry_does_not_answer() throws Exception {
        alpha.starts(WEB, running(LEVEL));
        cluster.killRegistry();
        Command refused = beta.call(WEB, "migrate", "begin", coming());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.line()).contains("may not come here", "registry does not answer");
        assertThat(Attributes.label(disk)).isEqualTo(own());
        cluster.startRegistry();
        alpha.ends(WEB, running(LEVEL));
        assertAllIsBack();
    }
}
