#include "job/preview.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/picture.h"
#include "engine/painter.h"
#include "job/atelier.h"
#include "job/moments.h"
#include "job/option_words.h"
#include "job/paint.h"
#include "job/timecode.h"
#include "job/work_size.h"
#include "media/reader.h"
#include "media/sheet.h"
#include "media/still_png.h"
#include "store/store.h"
#include "style/style.h"

namespace impasto::job {
namespace {

constexpr int kUsualPixels = 640 * 360;
constexpr int kWidestCell = 480;

using Row = std::vector<media::SheetCell>;

std::vector<style::Style> styles_for(const PreviewOptions& options, Atelier& atelier,
                                     Progress& progress) {
  std::vector<style::Style> styles;
  if (options.styles.empty()) {
    std::vector<std::string> problems;
    styles = style::list(&problems);
    for (const std::string& problem : problems) {
      progress.note("left out: " + problem);
    }
    if (styles.empty()) {
      throw Error(ExitCode::bad_input,
                  "there are no styles to preview; 'impasto styles import' takes a net in");
    }
  }
  for (const std::string& name : options.styles) {
    styles.push_back(atelier.style(name));
  }
  return styles;
}

/// The moments in one style, painted as many at once as the painter likes.
class StylePainting {
 public:
  StylePainting(const style::Style& style, Size size, const PreviewOptions& options)
      : painter_(
            engine::make_painter(style.file, {options.device, options.precision, options.threads,
                                              canvas_for(size), cache_folder()})) {}

  std::vector<Picture> paint(const std::vector<Moment>& moments,
                             const std::function<void()>& on_painted) {
    std::vector<std::future<Picture>> running;
    running.reserve(moments.size());
    for (const Moment& moment : moments) {
      running.push_back(std::async(std::launch::async, [&moment, &on_painted, this] {
        throw_if_interrupted();
        Picture painted(moment.picture.size());
        painter_->paint(moment.picture, painted);
        on_painted();
        return painted;
      }));
    }
    std::vector<Picture> paintings;
    paintings.reserve(moments.size());
    for (std::future<Picture>& one : running) {
      paintings.push_back(one.get());
    }
    return paintings;
  }

 private:
  std::unique_ptr<engine::Painter> painter_;
};

std::string label_of(const style::Style& style) {
  const std::string& told = style.painting.empty() ? style.title : style.painting;
  // A painting's file says no more than the style that is called after it.
  const bool says_more =
      !told.empty() && std::filesystem::path(told).stem() != style.name && told != style.name;
  return says_more ? style.name + "  -  " + told : style.name;
}

/// A row of the source with its times, then a row for each style under its name.
std::vector<Row> rows_of_moments(const std::vector<Moment>& moments,
                                 const std::vector<style::Style>& styles,
                                 const std::vector<std::vector<Picture>>& paintings) {
  std::vector<Row> rows(1);
  for (const Moment& moment : moments) {
    rows.front().push_back({&moment.picture, time_code(moment.time)});
  }
  for (std::size_t i = 0; i < styles.size(); ++i) {
    Row& row = rows.emplace_back();
    for (const Picture& painted : paintings[i]) {
      row.push_back({&painted, row.empty() ? label_of(styles[i]) : ""});
    }
  }
  return rows;
}

/// One moment alone: source and styles side by side, in about as many rows as columns. Labels have
/// no room there for more than the name.
std::vector<Row> rows_of_styles(const Moment& moment, const std::vector<style::Style>& styles,
                                const std::vector<std::vector<Picture>>& paintings) {
  Row all{{&moment.picture, "source"}};
  for (std::size_t i = 0; i < styles.size(); ++i) {
    all.push_back({&paintings[i].front(), styles[i].name});
  }
  const std::size_t columns =
      all.size() <= 3 ? all.size() : static_cast<std::size_t>(std::ceil(std::sqrt(all.size())));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % columns == 0) {
      rows.emplace_back();
    }
    rows.back().push_back(all[i]);
  }
  return rows;
}

std::vector<std::vector<Picture>> paint_all(const std::vector<Moment>& moments,
                                            const std::vector<style::Style>& styles,
                                            const PreviewOptions& options, Progress& progress) {
  std::atomic<std::int64_t> done = 0;
  std::vector<std::vector<Picture>> paintings;
  for (const style::Style& style : styles) {
    throw_if_interrupted();
    StylePainting painting(style, moments.front().picture.size(), options);
    paintings.push_back(painting.paint(moments, [&] { progress.advance(++done, 0); }));
  }
  return paintings;
}

void refuse_writing_onto(const std::string& clip, const std::string& output) {
  if (store::for_uri(output).same(clip, output)) {
    throw Error(ExitCode::usage, "'" + output +
                                     "' is the input; a sheet is never written over its source, "
                                     "choose another output");
  }
}

}  // namespace

PreviewResult preview(const std::string& clip, const std::string& output,
                      const PreviewOptions& options, Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  media::check_sheet_name(output);
  refuse_writing_onto(clip, output);
  Atelier atelier(cache_folder());
  const std::vector<style::Style> styles = styles_for(options, atelier, progress);
  const std::shared_ptr<store::Source> source = store::for_uri(clip).open(clip);
  const std::unique_ptr<store::Sink> sink =
      store::for_uri(output).create(output, options.overwrite);

  media::ReaderOptions reading;
  reading.threads = options.threads;
  reading.frames_only = true;
  const media::Reader reader(source, reading);
  const media::VideoInfo& video = reader.video();
  const Size shown = options.size.empty()
                         ? modest_size(video.size, video.sample_aspect, kUsualPixels)
                         : parse_size(options.size, video.size, video.sample_aspect);
  // With the strokes that the video will have.
  const Size size = options.size.empty() ? work_size(shown, {1, 1}, 1.0) : shown;
  const std::vector<Moment> moments =
      take_moments(source, reader, options.moments, size, options.threads);

  const std::string name = std::filesystem::path(clip).filename().string();
  progress.begin(name, static_cast<std::int64_t>(moments.size() * styles.size()), 0);
  const auto paintings = paint_all(moments, styles, options, progress);
  progress.end(true);
  const auto rows = moments.size() == 1 ? rows_of_styles(moments.front(), styles, paintings)
                                        : rows_of_moments(moments, styles, paintings);
  const Picture sheet = media::make_sheet(rows, std::min(kWidestCell, shown.width), name);
  store::write_all(*sink, media::encode_sheet(sheet, output));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return {moments.size(), styles.size(), size, sheet.size(), took.count()};
}

}  // namespace impasto::job
