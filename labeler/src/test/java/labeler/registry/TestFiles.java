package labeler.registry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.FileHandle;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/** Files on a shared storage, and requests for them. */
public final class TestFiles {
    public static final StorageName STORAGE = new StorageName("images");
    public static final StoredLabel CONTENT = label("system_u:object_r:virt_content_t:s0");
    public static final StoredLabel ORIGINAL = label("system_u:object_r:nfs_t:s0");

    private TestFiles() {}

    public static StoredLabel label(String text) {
        return StoredLabel.of((text + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    public static SharedFile file(int number) {
        return new SharedFile(
                STORAGE,
                new FileHandle(1, ByteBuffer.allocate(8).putLong(number).array()));
    }

    public static StoredLabel imageLabel(CategoryPair pair) {
        return label("system_u:object_r:svirt_image_t:s0:" + pair);
    }

    /** A file that one VM writes. */
    public static WantedFile disk(int number) {
        return wanted(number, Sharing.EXCLUSIVE);
    }

    /** A file that VMs read. */
    public static WantedFile base(int number) {
        return wanted(number, Sharing.CONTENT);
    }

    public static WantedFile wanted(int number, Sharing sharing) {
        return new WantedFile(
                file(number),
                "images/" + number + ".qcow2",
                sharing,
                pair -> Optional.of(sharing == Sharing.EXCLUSIVE ? imageLabel(pair) : CONTENT));
    }

    public static VmName vm(String name) {
        return new VmName(name);
    }

    /** Draws these pairs in turn. */
    public static PairChoice drawing(CategoryPair... pairs) {
        AtomicInteger next = new AtomicInteger();
        return new PairChoice.Drawn(
                () -> next.get() < pairs.length ? Optional.of(pairs[next.getAndIncrement()]) : Optional.empty());
    }

    public static ClaimRequest start(String vm, PairChoice pair, WantedFile... files) {
        return new ClaimRequest(vm(vm), Optional.of(uuid(vm)), pair, Arrays.asList(files));
    }

    public static UUID uuid(String vm) {
        return UUID.nameUUIDFromBytes(vm.getBytes(StandardCharsets.UTF_8));
    }

    /** The same label for each fresh file. */
    public static Map<SharedFile, Optional<StoredLabel>> read(Claim claim, StoredLabel label) {
        Map<SharedFile, Optional<StoredLabel>> read = new HashMap<>();
        claim.unread().forEach(file -> read.put(file, Optional.of(label)));
        return read;
    }

    public static Claim claimed(ClaimOutcome outcome) {
        return switch (outcome) {
            case ClaimOutcome.Claimed(Claim claim) -> claim;
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> _) ->
                throw new AssertionError(refusal.message());
        };
    }

    public static Refusal refused(ClaimOutcome outcome) {
        return switch (outcome) {
            case ClaimOutcome.Claimed(Claim claim) -> throw new AssertionError("claimed: " + claim);
            case ClaimOutcome.NotClaimed(Refusal refusal, List<ToRestore> _) -> refusal;
        };
    }

    public static <T> T given(Answer<T> answer) {
        return switch (answer) {
            case Answer.Given<T>(T value) -> value;
            case Answer.Refused<T>(Refusal refusal) -> throw new AssertionError(refusal.message());
        };
    }

    public static void done(Optional<Refusal> refusal) {
        refusal.ifPresent(one -> {
            throw new AssertionError(one.message());
        });
    }

    /** A whole start: claim, and record what the fresh files had. */
    public static Claim started(Registry registry, ClaimRequest request) {
        Claim claim = claimed(registry.claim(request));
        done(registry.originals(claim, read(claim, ORIGINAL)));
        return claim;
    }

    /** A whole end: leave, say that all went back, and forget the VM. */
    public static List<ToRestore> ended(Registry registry, String vm, Set<SharedFile> files) {
        List<ToRestore> restore = given(registry.leave(vm(vm), files));
        done(registry.restored(restore));
        done(registry.end(vm(vm)));
        given(registry.settle(Set.of()));
        return restore;
    }
}
