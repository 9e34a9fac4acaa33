package labeler.linux.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.DirectoryEntries.Entry;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in a directory, on any kernel. */
@Timeout(20)
public abstract class DirectoryEntriesContractTest {
    private static final AttributeName NAME = new AttributeName("user.label");
    private static final HostPath LATIN = HostPath.of(new byte[] {'d', (byte) 0xe4});

    protected abstract Stage createStage() throws Exception;

    private Stage stage;
    private DirectoryEntries entries;
    private HostPath place;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected DirectoryEntriesContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        entries = stage.linux().entries();
        place = stage.path("place");
        stage.directory(place);
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private OpenedFile directory() {
        return (OpenedFile) stage.linux().open().open(place, OpenRequest.DIRECTORY);
    }

    private static Entry entry(HostPath name, FileType type) {
        return new Entry(name, Optional.of(type));
    }

    @Test
    void every_name_is_there_with_its_type_each_time() throws Exception {
        stage.file(place.child("file"), new byte[0]);
        stage.file(place.child(LATIN.bytes()), new byte[0]);
        stage.directory(place.child("below"));
        stage.symbolicLink(place.child("link"), HostPath.of("nowhere"));
        stage.fifo(place.child("fifo"));
        try (OpenedFile directory = directory()) {
            for (int time = 0; time < 2; time++) {
                assertThat(entries.list(directory, 5))
                        .containsExactlyInAnyOrder(
                                entry(HostPath.of("file"), FileType.REGULAR),
                                entry(LATIN, FileType.REGULAR),
                                entry(HostPath.of("below"), FileType.DIRECTORY),
                                entry(HostPath.of("link"), FileType.SYMBOLIC_LINK),
                                entry(HostPath.of("fifo"), FileType.FIFO));
            }
        }
    }

    @Test
    void more_than_asked_for_are_refused() throws Exception {
        stage.file(place.child("one"), new byte[0]);
        stage.file(place.child("two"), new byte[0]);
        try (OpenedFile directory = directory()) {
            assertThatThrownBy(() -> entries.list(directory, 1))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.E2BIG));
        }
    }

    @Test
    void more_than_one_read_of_the_kernels_fills_are_all_there() throws Exception {
        // Long names: a few files fill more than one answer of the kernel.
        String name = "a-name-that-takes-some-room".repeat(8);
        for (int number = 0; number < 300; number++) {
            stage.file(place.child(name + number), new byte[0]);
        }
        try (OpenedFile directory = directory()) {
            List<Entry> all = entries.list(directory, 10_000);
            assertThat(all).doesNotHaveDuplicates().hasSize(300);
            List<Entry> inPortions = new ArrayList<>();
            try (DirectoryEntries.Listing listing = entries.read(directory)) {
                for (Optional<Entry> next = listing.next(); next.isPresent(); next = listing.next()) {
                    inPortions.add(next.get());
                }
                assertThat(listing.next()).isEmpty();
            }
            assertThat(inPortions).containsExactlyElementsOf(all);
        }
    }

    @Test
    void a_name_that_was_taken_from_a_file_since_it_was_found_is_not_its_own_any_more() throws Exception {
        HostPath name = HostPath.of("file");
        stage.file(place.child("file"), new byte[0]);
        stage.hardLink(place.child("file"), place.child("again"));
        try (OpenedFile directory = directory();
                OpenedFile found = entries.find(directory, name).orElseThrow().file()) {
            assertThat(entries.hasStill(directory, name, found)).isTrue();
            stage.delete(place.child("file"));
            assertThat(entries.hasStill(directory, name, found)).isFalse();
        }
    }

    @Test
    void what_has_a_name_is_held_without_following_a_link() throws Exception {
        stage.file(place.child("file"), new byte[0]);
        stage.hardLink(place.child("file"), place.child("again"));
        stage.directory(place.child("below"));
        stage.symbolicLink(place.child("link"), place.child("file"));
        try (OpenedFile directory = directory()) {
            for (Entry entry : entries.list(directory, 4)) {
                DirectoryEntries.Child child =
                        entries.find(directory, entry.name()).orElseThrow();
                try (OpenedFile file = child.file()) {
                    assertThat(file.status().type()).isEqualTo(entry.type().orElseThrow());
                    assertThat(file.realPath())
                            .isEqualTo(place.child(entry.name().bytes()));
                    if (file.status().type() == FileType.REGULAR) {
                        assertThat(child.links()).isEqualTo(2);
                    }
                }
            }
            assertThat(entries.find(directory, HostPath.of("nothing"))).isEmpty();
        }
    }

    @Test
    void an_attribute_is_that_of_the_name_and_links_are_not_followed() throws Exception {
        byte[] value = "value".getBytes(StandardCharsets.UTF_8);
        HostPath file = place.child(LATIN.bytes());
        stage.file(file, new byte[0]);
        stage.symbolicLink(place.child("link"), file);
        try (OpenedFile opened = (OpenedFile) stage.linux().open().open(file, OpenRequest.IMAGE)) {
            stage.linux().attributes().set(opened, NAME, value);
        }
        try (OpenedFile directory = directory()) {
            assertThat(entries.attribute(directory, LATIN, NAME)).hasValue(value);
            assertThat(entries.attribute(directory, LATIN, new AttributeName("user.other")))
                    .isEmpty();
            assertThat(entries.attribute(directory, HostPath.of("nothing"), NAME))
                    .isEmpty();
            assertThat(entries.attribute(directory, HostPath.of("link"), new AttributeName("security.selinux")))
                    .isEmpty();
        }
    }
}
