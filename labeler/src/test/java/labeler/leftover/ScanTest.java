package labeler.leftover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Labels;
import labeler.leftover.Leftover.Fate;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeMount;
import labeler.linux.fake.Faults;
import labeler.mcs.ProcessContexts;
import labeler.selinux.CategoryPair;
import labeler.selinux.SecurityContext;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanTest {
    private static final String WAY_OUT = "name a directory that can be looked through";
    private static final String DEAD = "system_u:object_r:svirt_image_t:s0:c1,c2";
    private static final String STARTED = "system_u:object_r:svirt_image_t:s0:c5,c6";
    private static final SecurityContext IMAGE =
            SecurityContext.parse("system_u:object_r:svirt_image_t:s0").orElseThrow();

    /** Waits to the end, and goes by the answer. */
    private static final Scan.Asker PATIENT = new Scan.Asker() {
        @Override
        public void hears(Leftover mended) {}

        @Override
        public boolean hasGone() {
            return false;
        }
    };

    private final FakeLinux kernel = new FakeLinux();
    private final Set<CategoryPair> recorded = new HashSet<>();
    private final Map<String, String> needed = new HashMap<>();
    private final LibvirtFiles libvirt;
    private final Path state;

    ScanTest(@TempDir Path state) {
        this.state = state;
        this.libvirt = new LibvirtFiles(state.resolve("defined"), Path.of("/run/libvirt/qemu"));
        directory("/vm");
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(kernel.openDescriptors()).isZero();
    }

    private void directory(String path) {
        kernel.directory(path);
        kernel.setLabel(path, "unconfined_u:object_r:virt_image_t:s0");
    }

    private void file(String path, String label) {
        kernel.file(path, new byte[0]);
        kernel.setLabel(path, label);
    }

    private Scan scan(int names, int files) {
        return scan(
                names,
                files,
                (file, _) -> Optional.ofNullable(needed.get(file.path().printable())));
    }

    private Scan scan(int names, int files, HostsBeside beside) {
        Labels labels = new Labels(kernel.linux().attributes(), kernel.linux().fileSystems(), true);
        DirectoryPolicy policy = new DirectoryPolicy(
                (creator, directory, _) -> new SecurityContext(creator.user(), "object_r", directory.type(), "s0"),
                IMAGE,
                IMAGE,
                labels);
        return new Scan(
                kernel.linux(),
                labels,
                new PairsInUse(
                        new ProcessContexts(kernel.linux().processes(), true),
                        () -> Set.copyOf(recorded),
                        new LibvirtDomains(libvirt, LibvirtHost.UNKNOWN, kernel.linux()),
                        beside),
                _ -> Optional.empty(),
                policy,
                IMAGE,
                new Scan.PartSize(names, files));
    }

    private static ScanPage page(Scan scan, Optional<HostPath> after, boolean apply) {
        ScanOutcome outcome = scan.scan(new ScanRequest(HostPath.of("/vm"), after, apply), PATIENT);
        assertThat(outcome).isInstanceOf(ScanOutcome.Scanned.class);
        return ((ScanOutcome.Scanned) outcome).page();
    }

    /** The files of all parts, one part after the other. */
    private static List<String> found(Scan scan, boolean apply) {
        List<String> found = new ArrayList<>();
        Optional<HostPath> after = Optional.empty();
        do {
            ScanPage page = page(scan, after, apply);
            page.files().forEach(file -> found.add(file.outcome().word() + " " + file.path()));
            after = page.after();
        } while (after.isPresent());
        return found;
    }

    private void litter() {
        directory("/vm/a");
        directory("/vm/a/deep");
        directory("/vm/a.b");
        for (String name : List.of("a/deep/x", "a/y", "a.b/z", "b", "c")) {
            file("/vm/" + name, DEAD);
        }
        file("/vm/fine", "system_u:object_r:virt_image_t:s0");
    }

    @Test
    void parts_of_any_size_find_each_file_once() {
        litter();
        List<String> all = found(scan(1_000, 1_000), false);
        assertThat(all)
                .containsExactly(
                        "found /vm/a/deep/x", "found /vm/a/y", "found /vm/a.b/z", "found /vm/b", "found /vm/c");

        for (int size = 1; size < 10; size++) {
            assertThat(found(scan(size, 1_000), false)).as("names %d", size).isEqualTo(all);
            assertThat(found(scan(1_000, size), false)).as("files %d", size).isEqualTo(all);
            assertThat(page(scan(size, 1_000), Optional.empty(), false).looked())
                    .isLessThanOrEqualTo(size);
        }
    }

    @Test
    void a_scan_that_mends_in_small_parts_mends_everything_and_finds_nothing_again() {
        litter();

        assertThat(found(scan(2, 1_000), true)).hasSize(5).allMatch(line -> line.startsWith("mended "));

        assertThat(kernel.label("/vm/a/deep/x")).contains("system_u:object_r:virt_image_t:s0");
        assertThat(found(scan(1_000, 1_000), false)).isEmpty();
    }

    @Test
    void a_scan_goes_on_where_the_last_name_is_gone() {
        litter();
        kernel.delete("/vm/a/y");

        ScanPage page = page(scan(1_000, 1_000), Optional.of(HostPath.of("/vm/a/y")), false);

        assertThat(page.files())
                .extracting(file -> file.path().printable())
                .containsExactly("/vm/a.b/z", "/vm/b", "/vm/c");
    }

    @Test
    void a_place_outside_of_the_directory_and_a_directory_that_is_none_are_refused() {
        file("/vm/file", DEAD);
        assertThat(scan(10, 10)
                        .scan(new ScanRequest(HostPath.of("/vm"), Optional.of(HostPath.of("/vmx/a")), false), PATIENT))
                .isInstanceOf(ScanOutcome.NoSuchPlace.class);
        assertThat(scan(10, 10).scan(new ScanRequest(HostPath.of("/vm/file"), Optional.empty(), false), PATIENT))
                .isEqualTo(new ScanOutcome.NoSuchPlace("/vm/file: is a regular file; " + WAY_OUT));
        assertThat(scan(10, 10).scan(new ScanRequest(HostPath.of("/nowhere"), Optional.empty(), false), PATIENT))
                .isEqualTo(new ScanOutcome.NoSuchPlace("/nowhere: No such file or directory; " + WAY_OUT));
    }

    @Test
    void a_directory_may_be_named_through_a_link() {
        file("/vm/dead", DEAD);
        kernel.symbolicLink("/images", "/vm");

        ScanOutcome outcome =
                scan(10, 10).scan(new ScanRequest(HostPath.of("/images"), Optional.empty(), false), PATIENT);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ScanOutcome.Scanned.class,
                        scanned -> assertThat(scanned.page().files())
                                .extracting(file -> file.path().printable())
                                .containsExactly("/vm/dead"));
    }

    @Test
    void a_pair_that_a_vm_got_since_the_part_began_is_left() {
        file("/vm/dead", DEAD);
        Scan scan = scan(10, 10);
        kernel.faults().beforeNext("lgetxattr", () -> recorded.add(CategoryPair.of(1, 2)));

        assertThat(page(scan, Optional.empty(), true).files())
                .singleElement()
                .satisfies(file -> assertThat(file.outcome()).isEqualTo(Fate.LEFT));
        assertThat(kernel.label("/vm/dead")).contains(DEAD);
    }

    @Test
    void a_directory_with_a_dead_pair_is_shown_and_gives_its_files_no_label() {
        directory("/vm/tree");
        kernel.setLabel("/vm/tree", DEAD);
        file("/vm/tree/file", DEAD);
        kernel.socket("/vm/socket");
        kernel.setLabel("/vm/socket", DEAD);

        assertThat(found(scan(10, 10), true)).containsExactly("left /vm/socket", "left /vm/tree", "left /vm/tree/file");
    }

    @Test
    void a_file_in_a_directory_at_a_level_of_idle_images_gets_that_level() {
        kernel.setLabel("/vm", "system_u:object_r:virt_image_t:s0:c0.c1023");
        file("/vm/dead", DEAD);

        assertThat(found(scan(10, 10), true)).containsExactly("mended /vm/dead");
        assertThat(kernel.label("/vm/dead")).contains("system_u:object_r:virt_image_t:s0:c0.c1023");
    }

    @Test
    void what_another_host_may_need_is_left() {
        file("/vm/dead", DEAD);
        file("/vm/shared", DEAD);
        needed.put("/vm/shared", "it may be needed on host beta");

        assertThat(found(scan(10, 10), true)).containsExactly("mended /vm/dead", "left /vm/shared");
        assertThat(kernel.label("/vm/shared")).contains(DEAD);
    }

    @Test
    void without_a_cluster_nothing_on_a_file_system_of_several_hosts_changes() {
        HostsBeside unasked = HostsBeside.unasked(kernel.linux().fileSystems());
        FakeMount mount = kernel.mount("/vm").type("nfs4", 0x6969);
        kernel.setLabel("/vm", "system_u:object_r:virt_image_t:s0");
        file("/vm/dead", DEAD);

        assertThat(found(scan(10, 10, unasked), true)).containsExactly("left /vm/dead");
        assertThat(kernel.label("/vm/dead")).contains(DEAD);

        mount.type("xfs", 0x58465342);
        assertThat(found(scan(10, 10, unasked), true)).containsExactly("mended /vm/dead");
    }

    @Test
    void the_label_of_a_vm_that_has_started_since_the_part_began_is_left() {
        file("/vm/a", DEAD);
        file("/vm/z", DEAD);
        kernel.faults().beforeNext("fsetxattr", () -> {
            kernel.processes().start(77, "system_u:system_r:svirt_t:s0:c5,c6");
            kernel.setLabel("/vm/z", STARTED);
        });

        assertThat(found(scan(10, 10), true)).containsExactly("mended /vm/a", "left /vm/z");
        assertThat(kernel.label("/vm/z")).contains(STARTED);
    }

    @Test
    void the_label_of_a_domain_that_libvirt_is_about_to_start_is_left() {
        file("/vm/a", DEAD);
        file("/vm/z", DEAD);
        kernel.faults().beforeNext("fsetxattr", () -> {
            String xml = """
                    <domstatus state='running' reason='booted' pid='0'><domain type='kvm'><name>two</name>
                    <seclabel type='dynamic' model='selinux' relabel='yes'>
                    <label>system_u:system_r:svirt_t:s0:c5,c6</label>
                    <imagelabel>system_u:object_r:svirt_image_t:s0:c5,c6</imagelabel>
                    </seclabel></domain></domstatus>
                    """;
            kernel.file("/run/libvirt/qemu/two.xml", xml.getBytes(StandardCharsets.UTF_8));
            kernel.setLabel("/vm/z", STARTED);
        });

        assertThat(found(scan(10, 10), true)).containsExactly("mended /vm/a", "left /vm/z");
        assertThat(kernel.label("/vm/z")).contains(STARTED);
    }

    @Test
    void a_directory_that_cannot_be_opened_is_told_and_counted() {
        litter();
        kernel.faults().failAlways("openat2", "/vm/a", Errno.EACCES);
        kernel.faults().failAlways("openat2", "/vm/a.b", Errno.ENOENT);

        ScanPage page = page(scan(1_000, 100), Optional.empty(), false);

        assertThat(page.warnings()).singleElement().asString().startsWith("not looked through: /vm/a: ");
        assertThat(page.unseen()).contains(1L);
        assertThat(page.files()).extracting(file -> file.path().printable()).containsExactly("/vm/b", "/vm/c");
    }

    /** One of FUSE that a user has mounted for himself. */
    @Test
    void a_file_system_that_cannot_be_opened_is_passed_over_as_any_other() {
        file("/vm/b", DEAD);
        kernel.mount("/vm/mine");
        kernel.faults().failAlways("openat2", "/vm/mine", Errno.EACCES);

        ScanPage page = page(scan(1_000, 100), Optional.empty(), false);

        assertThat(page.warnings()).isEmpty();
        assertThat(page.unseen()).contains(0L);
        assertThat(page.files()).hasSize(1);
    }

    /** Its server may be gone. */
    @Test
    void another_file_system_is_asked_for_nothing() {
        file("/vm/b", DEAD);
        kernel.mount("/vm/server");
        file("/vm/server/a", DEAD);
        kernel.faults().forgetCalls();

        assertThat(found(scan(1_000, 100), true)).containsExactly("mended /vm/b");

        assertThat(kernel.faults().calls())
                .extracting(Faults.Call::subject)
                .noneMatch(subject -> subject.startsWith("/vm/server"));
    }

    /** As after a move of images to a new disk that was mounted at the place of the old one. */
    @Test
    void a_directory_with_the_name_of_a_covered_mount_is_looked_through() {
        kernel.mount("/vm/old");
        kernel.mount("/vm");
        file("/vm/old/a", DEAD);

        assertThat(page(scan(1_000, 100), Optional.empty(), false).files())
                .extracting(file -> file.path().printable())
                .containsExactly("/vm/old/a");
    }

    @Test
    void a_list_of_mounts_that_cannot_be_read_is_told() {
        file("/vm/b", DEAD);
        kernel.faults().failAlways("mountinfo", "/proc/self/mountinfo", Errno.EMFILE);

        ScanPage page = page(scan(1_000, 100), Optional.empty(), false);

        assertThat(page.warnings()).singleElement().asString().startsWith("the list of mounts cannot be read: ");
    }

    @Test
    void each_mended_file_is_told_at_once_and_none_is_mended_for_an_asker_that_has_gone() {
        litter();
        List<Leftover> heard = new ArrayList<>();

        ScanOutcome _ = scan(1_000, 100)
                .scan(new ScanRequest(HostPath.of("/vm"), Optional.empty(), true), new Scan.Asker() {
                    @Override
                    public void hears(Leftover mended) {
                        heard.add(mended);
                    }

                    @Override
                    public boolean hasGone() {
                        return !heard.isEmpty();
                    }
                });

        assertThat(heard).singleElement().satisfies(file -> {
            assertThat(file.path()).isEqualTo(HostPath.of("/vm/a/deep/x"));
            assertThat(file.context().printable()).isEqualTo(DEAD);
        });
        assertThat(kernel.label("/vm/a/y")).contains(DEAD);
    }

    @Test
    void a_definition_that_cannot_be_read_is_told() throws Exception {
        file("/vm/dead", DEAD);
        Files.writeString(
                Files.createDirectories(state.resolve("defined")).resolve("odd.xml"), "<", StandardCharsets.UTF_8);

        ScanPage page = page(scan(10, 10), Optional.empty(), false);

        assertThat(page.files()).hasSize(1);
        assertThat(page.warnings()).singleElement().asString().contains("odd.xml", "static label");
    }
}
