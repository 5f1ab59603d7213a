// MaxPool2d, forwards and backwards, for the cases of a pack. One file, the standard library alone.
//
//     g++ -std=c++17 -O2 max_pool2d.cpp -o max_pool2d && ./max_pool2d <pack> <outputs>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

struct Tensor {
  std::vector<int> shape;
  std::vector<float> data;
};

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<int> integers(const std::string& text) {
  std::vector<int> found;
  std::regex number("-?[0-9]+");
  for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at) found.push_back(std::stoi(at->str()));
  return found;
}

// safetensors: a 64-bit length, so many bytes of JSON, the data. Only float32 is read.
std::map<std::string, Tensor> load(const fs::path& path) {
  const std::string bytes = slurp(path);
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  const std::string header = bytes.substr(8, length);
  std::regex entry("\"([^\"]+)\":\\{\"dtype\":\"F32\",\"shape\":\\[([^\\]]*)\\],\"data_offsets\":\\[([^\\]]*)\\]\\}");
  std::map<std::string, Tensor> tensors;
  for (std::sregex_iterator at(header.begin(), header.end(), entry), end; at != end; ++at) {
    const auto offsets = integers((*at)[3]);
    Tensor t{integers((*at)[2]), std::vector<float>((offsets[1] - offsets[0]) / 4)};
    std::memcpy(t.data.data(), bytes.data() + 8 + length + offsets[0], offsets[1] - offsets[0]);
    tensors[(*at)[1]] = t;
  }
  return tensors;
}

void save(const fs::path& path, const std::map<std::string, Tensor>& tensors) {
  std::ostringstream header, body;
  size_t at = 0;
  for (const auto& [name, t] : tensors) {
    header << (at == 0 && header.tellp() == 0 ? "{" : ",") << '"' << name << "\":{\"dtype\":\"F32\",\"shape\":[";
    for (size_t i = 0; i < t.shape.size(); i++) header << (i ? "," : "") << t.shape[i];
    header << "],\"data_offsets\":[" << at << ',' << at + 4 * t.data.size() << "]}";
    body.write(reinterpret_cast<const char*>(t.data.data()), 4 * t.data.size());
    at += 4 * t.data.size();
  }
  header << '}';
  const std::string text = header.str();
  const uint64_t length = text.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), 8);
  file << text << body.str();
}

// An option of case.json: a number, or one for each of two axes.
std::vector<int> option(const std::string& json, const std::string& name, std::vector<int> otherwise) {
  std::smatch found;
  if (!std::regex_search(json, found, std::regex("\"" + name + "\":(\\[[^\\]]*\\]|[0-9]+)"))) return otherwise;
  auto values = integers(found[1]);
  return values.size() == 1 ? std::vector<int>{values[0], values[0]} : values;
}

int extent(int in, int k, int s, int p, int d, bool ceil) {
  const int free = in + 2 * p - d * (k - 1) - 1;
  int out = (ceil ? (free + s - 1) / s : free / s) + 1;
  if (ceil && (out - 1) * s >= in + p) out--;  // a window must begin inside
  return out;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: max_pool2d <pack> <outputs>\n", 2;
  int cases = 0;
  for (const auto& folder : fs::directory_iterator(fs::path(argv[1]) / "cases" / "max-pool2d")) {
    const std::string json = slurp(folder.path() / "case.json");
    const std::string args = json.substr(json.find("\"args\":"), json.find("\"options\":") - json.find("\"args\":"));
    auto k = integers(args);
    if (k.size() == 1) k = {k[0], k[0]};
    const auto s = option(json, "stride", k), p = option(json, "padding", {0, 0}), d = option(json, "dilation", {1, 1});
    const bool ceil = json.find("\"ceil_mode\":true") != std::string::npos;
    const auto in = load(folder.path() / "inputs.safetensors");
    const Tensor &x = in.at("x"), &dy = in.at("dy");
    const size_t rank = x.shape.size();
    const int H = x.shape[rank - 2], W = x.shape[rank - 1];
    int planes = 1;
    for (size_t i = 0; i + 2 < rank; i++) planes *= x.shape[i];
    const int oh = extent(H, k[0], s[0], p[0], d[0], ceil), ow = extent(W, k[1], s[1], p[1], d[1], ceil);
    Tensor y{x.shape, std::vector<float>(size_t(planes) * oh * ow)}, dx{x.shape, std::vector<float>(x.data.size())};
    y.shape[rank - 2] = oh;
    y.shape[rank - 1] = ow;
    for (int plane = 0; plane < planes; plane++)
      for (int u = 0; u < oh; u++)
        for (int v = 0; v < ow; v++) {
          float best = -std::numeric_limits<float>::infinity();
          int winner = -1;
          for (int i = 0; i < k[0]; i++)
            for (int j = 0; j < k[1]; j++) {
              const int a = u * s[0] - p[0] + i * d[0], b = v * s[1] - p[1] + j * d[1];
              if (a < 0 || a >= H || b < 0 || b >= W) continue;
              const float value = x.data[(size_t(plane) * H + a) * W + b];
              // Of ties the first wins, of several NaN the last.
              if (winner < 0 || value > best || std::isnan(value)) best = value, winner = a * W + b;
            }
          const size_t at = (size_t(plane) * oh + u) * ow + v;
          y.data[at] = best;
          dx.data[size_t(plane) * H * W + winner] += dy.data[at];
        }
    const fs::path target = fs::path(argv[2]) / "max-pool2d" / folder.path().filename();
    fs::create_directories(target);
    save(target / "outputs.safetensors", {{"y", y}, {"dx", dx}});
    cases++;
  }
  std::cout << cases << " cases\n";
}
